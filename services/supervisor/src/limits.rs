//! What one agent process may use at most.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Limits of an agent process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Data segment, bytes.
    pub memory_bytes: u64,
    /// Open files.
    pub open_files: u64,
    /// Processes of the user.
    pub processes: u64,
}

impl Limits {
    /// Limits the calling process. Makes system calls only, so it may run between fork and exec.
    ///
    /// # Errors
    /// A hard limit of the container is lower than ours.
    pub fn apply(&self) -> std::io::Result<()> {
        let limits = [
            (Resource::Data, self.memory_bytes),
            (Resource::Nofile, self.open_files),
            (Resource::Nproc, self.processes),
            // A core dump would hold tokens.
            (Resource::Core, 0),
        ];
        for (resource, value) in limits {
            setrlimit(
                resource,
                Rlimit {
                    current: Some(value),
                    maximum: Some(value),
                },
            )?;
        }
        Ok(())
    }
}
