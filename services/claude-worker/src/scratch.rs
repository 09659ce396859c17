//! Directories of jobs: one for each, gone when the job is. Workers may share the volume, so each works below a
//! directory of its own and holds a lock beside it; a directory whose lock is free belongs to a worker that died.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// How the directory of a worker begins.
const PREFIX: &str = "worker-";
/// Attempts at a name that nobody has.
const ATTEMPTS: usize = 16;

/// The worker's own part of the volume.
pub(crate) struct Scratch {
    path: PathBuf,
    next: AtomicU64,
    _lock: File,
}

/// The directory of one job; removed when it is dropped.
pub(crate) struct JobDirectory {
    path: PathBuf,
}

impl Scratch {
    /// Removes what dead workers left behind and makes a directory for this one.
    ///
    /// # Errors
    /// The volume cannot be written.
    pub(crate) fn open(volume: &Path) -> io::Result<Self> {
        let volume = fs::canonicalize(volume)?;
        remove_stale(&volume)?;
        for _ in 0..ATTEMPTS {
            // Short, because sockets lie below it whose names are short by law.
            let path = volume.join(format!("{PREFIX}{:06x}", fastrand::u32(..1 << 24)));
            let lock = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(lock_of(&path))?;
            // The lock comes before the directory: no other worker ever sees the one without the other.
            if lock.try_lock().is_ok() && private_directory(&path).is_ok() {
                return Ok(Self {
                    path,
                    next: AtomicU64::new(1),
                    _lock: lock,
                });
            }
        }
        Err(io::Error::other("no free name for the worker's directory"))
    }

    /// The worker's directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A fresh directory for a job.
    ///
    /// # Errors
    /// The volume cannot be written.
    pub(crate) fn job_directory(&self) -> io::Result<JobDirectory> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let directory = JobDirectory::at(self.path.join(number.to_string()));
        private_directory(&directory.path)?;
        for part in [directory.home(), directory.temporary(), directory.workspace()] {
            private_directory(&part)?;
        }
        Ok(directory)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.path);
        let _ = fs::remove_file(lock_of(&self.path));
    }
}

impl JobDirectory {
    /// A directory that is there or will be.
    pub(crate) const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The directory itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The CLI's home.
    pub(crate) fn home(&self) -> PathBuf {
        self.path.join("home")
    }

    /// The CLI's temporary files.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.path.join("tmp")
    }

    /// The CLI's working directory.
    pub(crate) fn workspace(&self) -> PathBuf {
        self.path.join("workspace")
    }

    /// Writes a file that only this user may read.
    ///
    /// # Errors
    /// The volume cannot be written.
    pub(crate) fn write_private(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        use std::io::Write;
        let path = self.path.join(name);
        let mut file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&path)?;
        file.write_all(text.as_bytes())?;
        Ok(path)
    }
}

impl Drop for JobDirectory {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

fn private_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

fn lock_of(directory: &Path) -> PathBuf {
    directory.with_extension("lock")
}

fn remove_stale(volume: &Path) -> io::Result<()> {
    for entry in fs::read_dir(volume)? {
        let path = entry?.path();
        let named = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
        if !named || !path.is_dir() {
            continue;
        }
        let lock = lock_of(&path);
        // Without its lock file a directory belongs to nobody.
        let held = File::open(&lock).is_ok_and(|file| file.try_lock().is_err());
        if !held {
            remove(&path);
            let _ = fs::remove_file(lock);
        }
    }
    Ok(())
}

/// A job may have taken its own rights away from its directories; they are given back and removed then.
fn remove(path: &Path) {
    if fs::remove_dir_all(path).is_ok() || !path.exists() {
        return;
    }
    open_up(path);
    if let Err(error) = fs::remove_dir_all(path) {
        tracing::warn!(path = %path.display(), %error, "a directory cannot be removed");
    }
}

fn open_up(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o700));
    let Ok(entries) = fs::read_dir(path) else { return };
    for entry in entries.flatten() {
        // A link is not followed: its target is not ours.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_up(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_job_leaves_nothing_behind() {
        let volume = tempfile::tempdir().unwrap();
        let scratch = Scratch::open(volume.path()).unwrap();
        let job = scratch.job_directory().unwrap();
        let secret = job.write_private("mcp.json", "{}").unwrap();
        assert_eq!(fs::metadata(secret).unwrap().permissions().mode() & 0o777, 0o600);
        let locked = job.workspace().join("locked");
        fs::create_dir(&locked).unwrap();
        fs::write(locked.join("file"), "x").unwrap();
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o500)).unwrap();
        let path = job.path().to_owned();
        drop(job);
        assert!(!path.exists());
        drop(scratch);
        assert_eq!(fs::read_dir(volume.path()).unwrap().count(), 0);
    }

    #[test]
    fn only_dead_workers_are_cleaned_up_after() {
        let volume = tempfile::tempdir().unwrap();
        let dead = volume.path().join("worker-dead");
        fs::create_dir_all(dead.join("1/home")).unwrap();
        fs::write(lock_of(&dead), "").unwrap();
        let others = volume.path().join("precious");
        fs::create_dir(&others).unwrap();
        let alive = Scratch::open(volume.path()).unwrap();
        let second = Scratch::open(volume.path()).unwrap();
        assert!(!dead.exists());
        assert!(others.exists() && alive.path().exists() && second.path().exists());
    }
}
