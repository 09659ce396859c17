//! JSON lines on stdout: `time`, `level`, `service`, `msg`, and the fields of the event and of its spans.
//!
//! Fields of spans appear in every line inside them, so a task opens a span with `task_id` and `trace_id` once.

use std::io::Write;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// Installs the logger of the process; a second call changes nothing.
pub fn init(service: &str, level: &str) {
    let level = level.parse().unwrap_or(LevelFilter::INFO);
    let filter = filter_fn(move |about| {
        let allowed = if is_ours(about.target()) {
            level
        } else {
            level.min(LevelFilter::INFO)
        };
        *about.level() <= allowed
    });
    let filter = filter.with_max_level_hint(level);
    let lines = JsonLines {
        service: service.to_owned(),
    };
    let subscriber = tracing_subscriber::registry().with(lines.with_filter(filter));
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        log_panics();
    }
}

/// At finer levels the libraries show whole messages, and with them tokens.
fn is_ours(target: &str) -> bool {
    let top = target.split("::").next().unwrap_or_default();
    top.starts_with("mistersmith") || OUR_PROGRAMS.contains(&top)
}

/// Crates whose finer levels are shown.
const OUR_PROGRAMS: [&str; 3] = ["supervisor", "claude_worker", "msctl"];

/// A panic becomes a line like every other. The process ends at once: as PID 1 it would survive its own SIGABRT.
fn log_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let reason = info.payload_as_str().unwrap_or("no reason given");
        tracing::error!(place, reason, "panic");
        if cfg!(panic = "abort") {
            std::process::exit(EXIT_PANIC);
        }
    }));
}

/// Exit code after a panic (`EX_SOFTWARE` of sysexits).
pub const EXIT_PANIC: i32 = 70;

/// Longest text of one field, characters.
const LONGEST_TEXT: usize = 1000;

struct JsonLines {
    service: String,
}

/// Fields that a span hands to the lines inside it.
struct SpanFields(Map<String, Value>);

impl<S> Layer<S> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Map::new();
        attributes.record(&mut Collector(&mut fields));
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(SpanFields(fields));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(SpanFields(fields)) = span.extensions_mut().get_mut()
        {
            values.record(&mut Collector(fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if is_chatter(event.metadata()) {
            return;
        }
        let mut line = begin(&self.service, *event.metadata().level());
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(SpanFields(fields)) = span.extensions().get() {
                line.extend(fields.clone());
            }
        }
        event.record(&mut Collector(&mut line));
        put(line);
    }
}

/// Writes a line whatever the level: one that others read as data, such as metrics.
pub fn write(service: &str, message: &str, fields: Map<String, Value>) {
    let mut line = begin(service, Level::INFO);
    line.insert("msg".to_owned(), message.into());
    line.extend(fields);
    put(line);
}

fn begin(service: &str, level: Level) -> Map<String, Value> {
    let now = OffsetDateTime::now_utc();
    let mut line = Map::new();
    line.insert("time".to_owned(), now.format(&Rfc3339).unwrap_or_default().into());
    line.insert("level".to_owned(), level.as_str().to_lowercase().into());
    line.insert("service".to_owned(), service.into());
    line.insert("msg".to_owned(), Value::Null);
    line
}

fn put(line: Map<String, Value>) {
    let text = format!("{}\n", Value::Object(line));
    // A reader of the log that went away must not end the service.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Libraries report at `info` what is worth `debug` to us, and twice.
fn is_chatter(metadata: &Metadata<'_>) -> bool {
    *metadata.level() == Level::INFO && metadata.target().starts_with("async_nats")
}

struct Collector<'a>(&'a mut Map<String, Value>);

impl Collector<'_> {
    fn put_text(&mut self, field: &Field, mut text: String) {
        // A line that fits into one write is never torn apart by the lines of other processes.
        if let Some((at, _)) = text.char_indices().nth(LONGEST_TEXT) {
            text.truncate(at);
            text.push('…');
        }
        self.put(field, text.into());
    }

    fn put(&mut self, field: &Field, value: Value) {
        let name = if field.name() == "message" {
            "msg"
        } else {
            field.name()
        };
        self.0.insert(name.to_owned(), value);
    }
}

impl Visit for Collector<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.put_text(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put_text(field, value.to_owned());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}
