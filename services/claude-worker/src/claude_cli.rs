//! How the Claude CLI is called: arguments, environment and its MCP configuration. Pure.

use std::path::Path;

use mistersmith_common::messages::Job;
use mistersmith_common::trace::{TRACEPARENT, Trace};
use serde_json::json;
use uuid::Uuid;

use crate::scratch::JobDirectory;
use crate::settings::Settings;

/// Name of the gateway among the CLI's MCP servers; tools are called `mcp__<name>__<tool>`.
const MCP_SERVER: &str = "mistersmith";
/// Where the CLI finds the programs that a model asks for.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// Variable by which processes of a job are found that left its process group.
pub(crate) const JOB_MARK: &str = "MISTERSMITH_JOB_DIRECTORY";

/// The session of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    /// Identity of the session.
    pub(crate) id: Uuid,
    /// Whether an earlier run began it.
    pub(crate) resumed: bool,
}

/// The CLI's arguments. Neither prompt, key nor token is among them, because every process can read them.
pub(crate) fn arguments(settings: &Settings, job: &Job, session: Session, mcp_file: &Path) -> Vec<String> {
    let session_flag = if session.resumed {
        "--resume"
    } else {
        "--session-id"
    };
    let mut arguments: Vec<String> = ["-p", "--output-format", "stream-json", "--verbose"]
        .map(str::to_owned)
        .into();
    arguments.extend(["--mcp-config".to_owned(), mcp_file.display().to_string()]);
    arguments.push("--strict-mcp-config".to_owned());
    arguments.extend(["--max-budget-usd".to_owned(), job.budget_usd.to_string()]);
    arguments.extend([session_flag.to_owned(), session.id.to_string()]);
    if let Some(model) = &settings.model {
        arguments.extend(["--model".to_owned(), model.clone()]);
    }
    // Takes every argument that follows, so it is the last one.
    if !settings.allowed_tools.is_empty() {
        arguments.extend(["--allowedTools".to_owned(), settings.allowed_tools.clone()]);
    }
    arguments
}

/// The CLI's whole environment; nothing of the worker's own is inherited.
pub(crate) fn environment(settings: &Settings, directory: &JobDirectory) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("PATH", PATH.to_owned()),
        ("HOME", directory.home().display().to_string()),
        ("TMPDIR", directory.temporary().display().to_string()),
        ("LANG", "C.UTF-8".to_owned()),
        (JOB_MARK, directory.path().display().to_string()),
        ("ANTHROPIC_API_KEY", settings.api_key.expose().to_owned()),
        ("CLAUDE_CODE_MAX_RETRIES", settings.api_retries.to_string()),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1".to_owned()),
        ("DISABLE_AUTOUPDATER", "1".to_owned()),
        // With it, the gateway's tools would hide behind a search tool.
        ("ENABLE_TOOL_SEARCH", "false".to_owned()),
    ];
    if let Some(address) = &settings.api_url {
        variables.push(("ANTHROPIC_BASE_URL", address.clone()));
    }
    variables
}

/// The file that tells the CLI where the gateway is and who the job is.
pub(crate) fn mcp_config(gateway_url: &str, token: &str, trace: &Trace) -> String {
    let server = json!({
        "type": "http",
        "url": gateway_url,
        "headers": { "Authorization": format!("Bearer {token}"), TRACEPARENT: trace.to_string() },
    });
    json!({ "mcpServers": { MCP_SERVER: server } }).to_string()
}

/// Name of the directory in which the CLI keeps the transcripts of a working directory.
pub(crate) fn project_name(working_directory: &Path) -> String {
    let keep = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter
        } else {
            '-'
        }
    };
    working_directory.to_string_lossy().chars().map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mistersmith_common::config::Environment;
    use mistersmith_common::messages::Envelope;
    use mistersmith_common::service_spec::ServiceSpec;

    fn settings(more: &[(&str, &str)]) -> Settings {
        let basic = [
            ("NATS_URL", "nats://n:4222"),
            ("MCP_GATEWAY_URL", "http://g:8080/mcp"),
            ("ANTHROPIC_API_KEY", "sk-canary-key"),
            ("NATS_NKEY_SEED", "SUAcanaryseed"),
        ];
        let pairs = basic.iter().chain(more);
        let environment: Environment = pairs.map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let spec = ServiceSpec::parse(include_str!("../service.yaml")).unwrap();
        Settings::read(&spec, &environment).unwrap()
    }

    fn job() -> Job {
        let text = include_bytes!("../../contracts/examples/job.valid.json");
        Envelope::<Job>::decode(text).unwrap().payload
    }

    const SESSION: Session = Session {
        id: Uuid::from_u128(7),
        resumed: false,
    };

    #[test]
    fn no_secret_is_in_the_arguments_and_the_tools_come_last() {
        let arguments = arguments(&settings(&[]), &job(), SESSION, Path::new("/j/mcp.json"));
        let text = arguments.join(" ");
        for secret in ["sk-canary-key", &job().mcp_token, &job().prompt] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert_eq!(arguments[arguments.len() - 2], "--allowedTools");
        assert!(text.contains("--max-budget-usd 0.5"));
        assert!(text.contains("--session-id 00000000-0000-0000-0000-000000000007"));
    }

    #[test]
    fn a_session_that_goes_on_is_resumed() {
        let resumed = Session {
            resumed: true,
            ..SESSION
        };
        let arguments = arguments(
            &settings(&[("CLAUDE_MODEL", "m")]),
            &job(),
            resumed,
            Path::new("/m"),
        );
        assert!(
            arguments
                .windows(2)
                .any(|pair| pair == ["--resume", "00000000-0000-0000-0000-000000000007"])
        );
        assert!(arguments.windows(2).any(|pair| pair == ["--model", "m"]));
    }

    #[test]
    fn the_seed_is_not_in_the_environment() {
        let directory = JobDirectory::at("/w/1".into());
        let variables = environment(&settings(&[]), &directory);
        assert!(!variables.iter().any(|(_, value)| value.contains("SUAcanaryseed")));
        assert!(variables.contains(&("HOME", "/w/1/home".to_owned())));
        assert!(!variables.iter().any(|(name, _)| *name == "ANTHROPIC_BASE_URL"));
    }

    #[test]
    fn the_gateway_is_told_who_asks_and_on_which_trace() {
        let trace = Trace::start();
        let config: serde_json::Value =
            serde_json::from_str(&mcp_config("http://g/mcp", "t", &trace)).unwrap();
        let server = &config["mcpServers"]["mistersmith"];
        assert_eq!(server["type"], "http");
        assert_eq!(server["url"], "http://g/mcp");
        assert_eq!(server["headers"]["Authorization"], "Bearer t");
        assert_eq!(server["headers"]["traceparent"], trace.to_string());
    }

    #[test]
    fn transcripts_lie_under_the_name_of_the_working_directory() {
        assert_eq!(project_name(Path::new("/tmp/.t_p.X+z/1")), "-tmp--t-p-X-z-1");
    }
}
