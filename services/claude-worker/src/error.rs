//! The codes of this service in `services/contracts/errors.yaml`.

use mistersmith_common::fault::Code;

/// The CLI cannot be started.
pub(crate) const CLI_NOT_STARTED: Code = Code::new("MS-WORK-001");
/// A job is not valid.
pub(crate) const INVALID_JOB: Code = Code::new("MS-WORK-002");
/// The CLI ended with an error.
pub(crate) const CLI_FAILED: Code = Code::new("MS-WORK-003");
/// A job ran longer than its timeout.
pub(crate) const TIMED_OUT: Code = Code::new("MS-WORK-004");
/// A job reached its budget.
pub(crate) const OVER_BUDGET: Code = Code::new("MS-WORK-005");
/// A job wrote more output than is kept.
pub(crate) const OVER_OUTPUT: Code = Code::new("MS-WORK-006");
/// A pre-task hook refused the job.
pub(crate) const REFUSED: Code = Code::new("MS-WORK-007");
/// The container reached its total.
pub(crate) const CONTAINER_TOTAL: Code = Code::new("MS-WORK-008");
/// A hook failed or took too long.
pub(crate) const HOOK_FAILED: Code = Code::new("MS-WORK-009");
/// The session that a job goes on with is not there.
pub(crate) const NO_SESSION: Code = Code::new("MS-WORK-010");
/// The scratch directory cannot be used.
pub(crate) const NO_SCRATCH: Code = Code::new("MS-WORK-011");
/// The port of health and metrics is taken, or signals cannot be handled.
pub(crate) const NOT_STARTED: Code = Code::new("MS-WORK-012");
/// The CLI did not reach the gateway.
pub(crate) const NO_GATEWAY: Code = Code::new("MS-WORK-013");
/// The job's token ends before the job may.
pub(crate) const NO_TOKEN: Code = Code::new("MS-WORK-014");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_catalogue() {
        let all = [
            CLI_NOT_STARTED,
            INVALID_JOB,
            CLI_FAILED,
            TIMED_OUT,
            OVER_BUDGET,
            OVER_OUTPUT,
            REFUSED,
            CONTAINER_TOTAL,
            HOOK_FAILED,
            NO_SESSION,
            NO_SCRATCH,
            NOT_STARTED,
            NO_GATEWAY,
            NO_TOKEN,
        ];
        for code in all {
            assert!(code.is_listed(), "{code} is missing in errors.yaml");
        }
    }
}
