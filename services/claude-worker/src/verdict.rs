//! How a run of the CLI is judged. Pure.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use mistersmith_common::fault::Fault;
use mistersmith_common::messages::Outcome;

use crate::cli_report::CliReport;
use crate::error::{CLI_FAILED, OVER_BUDGET, OVER_OUTPUT, TIMED_OUT};

/// Why the worker ended a run itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The job's time was up.
    Timeout(Duration),
    /// More output than is kept, bytes.
    Output(usize),
    /// The worker ends; another one does the job.
    HandBack,
}

/// What is told about a job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) outcome: Outcome,
    pub(crate) answer: Option<String>,
    pub(crate) fault: Option<Fault>,
}

impl Verdict {
    /// A job that did not succeed.
    pub(crate) const fn fault(outcome: Outcome, fault: Fault) -> Self {
        Self {
            outcome,
            answer: None,
            fault: Some(fault),
        }
    }
}

/// Judges a run by why it was cut, by the CLI's summary, and by how the process ended, in this order.
pub(crate) fn judge(cut: Option<Cut>, report: &CliReport, status: ExitStatus, stderr: &str) -> Verdict {
    match cut {
        Some(Cut::Timeout(limit)) => Verdict::fault(
            Outcome::TimedOut,
            Fault::new(
                TIMED_OUT,
                format!("the CLI ran longer than {} ms", limit.as_millis()),
            ),
        ),
        Some(Cut::Output(limit)) => Verdict::fault(
            Outcome::OverOutput,
            Fault::new(OVER_OUTPUT, format!("the CLI wrote more than {limit} bytes")),
        ),
        Some(Cut::HandBack) => Verdict::fault(
            Outcome::Killed,
            Fault::new(CLI_FAILED, "the worker ended before the CLI did"),
        ),
        None => judge_end(report, status, stderr),
    }
}

fn judge_end(report: &CliReport, status: ExitStatus, stderr: &str) -> Verdict {
    let Some(result) = report.result() else {
        return judge_silence(status, stderr);
    };
    let said = || {
        let words = if result.errors.is_empty() {
            result.text.clone().unwrap_or_default()
        } else {
            result.errors.join("; ")
        };
        one_line(&words)
    };
    match result.subtype.as_str() {
        "success" if !result.is_error => Verdict {
            outcome: Outcome::Succeeded,
            answer: result.text.clone(),
            fault: None,
        },
        "error_max_budget_usd" => Verdict::fault(
            Outcome::OverBudget,
            Fault::new(OVER_BUDGET, format!("the CLI says: {}", said())),
        ),
        kind => Verdict::fault(
            Outcome::Failed,
            Fault::new(CLI_FAILED, format!("the CLI ended with {kind}: {}", said())),
        ),
    }
}

fn judge_silence(status: ExitStatus, stderr: &str) -> Verdict {
    let end = match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with code {code}"),
        (None, signal) => format!("was ended by signal {}", signal.unwrap_or_default()),
    };
    let outcome = if status.signal().is_some() {
        Outcome::Killed
    } else {
        Outcome::Failed
    };
    let detail = format!("the CLI {end} without a result: {}", one_line(stderr));
    Verdict::fault(outcome, Fault::new(CLI_FAILED, detail.trim_end_matches(": ")))
}

/// A fault is one sentence of a log line; what a program wrote is not.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 2000;
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    let skip = line.chars().count().saturating_sub(LONGEST);
    line.chars()
        .skip(skip)
        .collect::<String>()
        .trim_end_matches('.')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn judged(cut: Option<Cut>, line: Option<Value>, status: i32) -> Verdict {
        let mut report = CliReport::default();
        if let Some(line) = line {
            report.observe(line.as_object().unwrap());
        }
        judge(cut, &report, ExitStatus::from_raw(status), "bad\nthings.\n")
    }

    fn code(verdict: &Verdict) -> &'static str {
        verdict.fault.as_ref().unwrap().code.as_str()
    }

    #[test]
    fn an_answer_is_a_success() {
        let line = json!({ "type": "result", "subtype": "success", "is_error": false, "result": "done" });
        let verdict = judged(None, Some(line), 0);
        assert_eq!(verdict.outcome, Outcome::Succeeded);
        assert_eq!(verdict.answer.as_deref(), Some("done"));
        assert_eq!(verdict.fault, None);
    }

    #[test]
    fn an_error_of_the_api_is_a_failure_though_the_cli_calls_it_success() {
        let line =
            json!({ "type": "result", "subtype": "success", "is_error": true, "result": "API Error: 401" });
        let verdict = judged(None, Some(line), 1 << 8);
        assert_eq!(verdict.outcome, Outcome::Failed);
        assert!(verdict.fault.unwrap().detail.contains("API Error: 401"));
    }

    #[test]
    fn money_that_ran_out_is_said() {
        let line = json!({ "type": "result", "subtype": "error_max_budget_usd", "is_error": true,
            "errors": ["Reached maximum budget ($0.01)"] });
        let verdict = judged(None, Some(line), 1 << 8);
        assert_eq!(
            (verdict.outcome, code(&verdict)),
            (Outcome::OverBudget, "MS-WORK-005")
        );
    }

    #[test]
    fn without_a_result_the_process_tells() {
        let verdict = judged(None, None, 3 << 8);
        assert_eq!(
            (verdict.outcome, code(&verdict)),
            (Outcome::Failed, "MS-WORK-003")
        );
        assert_eq!(
            verdict.fault.unwrap().detail,
            "the CLI ended with code 3 without a result: bad things"
        );
        assert_eq!(judged(None, None, 9).outcome, Outcome::Killed);
    }

    #[test]
    fn a_cut_counts_more_than_what_the_cli_says_about_it() {
        let line = json!({ "type": "result", "subtype": "error_during_execution", "is_error": true });
        let cut = Some(Cut::Timeout(Duration::from_secs(2)));
        let verdict = judged(cut, Some(line), 0);
        assert_eq!(
            (verdict.outcome, code(&verdict)),
            (Outcome::TimedOut, "MS-WORK-004")
        );
        let verdict = judged(Some(Cut::Output(5)), None, 9);
        assert_eq!(
            (verdict.outcome, code(&verdict)),
            (Outcome::OverOutput, "MS-WORK-006")
        );
        assert_eq!(judged(Some(Cut::HandBack), None, 9).outcome, Outcome::Killed);
    }
}
