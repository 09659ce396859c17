//! The table of a service's environment, read from the `service.yaml` that is compiled into it.

use std::collections::BTreeMap;

use serde::Serialize;
use yaml_rust2::Yaml;

use crate::yaml;

/// How a value is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Any text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An absolute URL.
    Url,
    /// An absolute path.
    Path,
    /// A TCP port.
    Port,
    /// One of `values`.
    Enum,
}

impl Kind {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(match text {
            "string" => Self::String,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "url" => Self::Url,
            "path" => Self::Path,
            "port" => Self::Port,
            "enum" => Self::Enum,
            other => return Err(format!("`{other}` is not a type")),
        })
    }
}

/// One environment variable of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Name in the environment.
    pub name: String,
    /// How its value is checked.
    pub kind: Kind,
    /// What the program assumes without it.
    pub default: Option<String>,
    /// Whether it has to be set.
    pub required: bool,
    /// Name of the secret that holds it; its value appears nowhere.
    pub secret: Option<String>,
    /// Whether it may come as NAME_FILE.
    pub file: bool,
    /// Smallest value allowed.
    pub min: Option<f64>,
    /// Largest value allowed.
    pub max: Option<f64>,
    /// Values allowed.
    pub values: Vec<String>,
    /// What it is for, with its unit.
    pub meaning: String,
}

/// What a service's `service.yaml` says about itself, as far as the service needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSpec {
    /// Name of the service in logs and metrics.
    pub name: String,
    /// Its variables in the order of the file.
    pub variables: Vec<Variable>,
    ports: BTreeMap<String, String>,
}

impl ServiceSpec {
    /// Reads a `service.yaml`.
    ///
    /// # Errors
    /// A sentence that names what is wrong; a test of each service reads its own file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document = yaml::document(text)?;
        let ports = yaml::items(&document, "ports")
            .iter()
            .map(|node| Ok((yaml::required(node, "name")?, yaml::required(node, "port")?)))
            .collect::<Result<BTreeMap<_, _>, String>>()?;
        let variables = yaml::items(&document, "env")
            .iter()
            .map(|node| variable(node, &ports))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            name: yaml::required(&document, "name")?,
            variables,
            ports,
        })
    }

    /// Number of a named port.
    #[must_use]
    pub fn port(&self, name: &str) -> Option<u16> {
        self.ports.get(name)?.parse().ok()
    }

    /// A variable by its name.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    /// The table that `NAME config --json` prints.
    #[must_use]
    pub fn table(&self) -> String {
        let rows: Vec<Row<'_>> = self.variables.iter().map(Row::of).collect();
        serde_json::to_string_pretty(&rows).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: Kind,
    default: Option<&'a str>,
    required: bool,
    secret: bool,
    meaning: &'a str,
}

impl<'a> Row<'a> {
    fn of(variable: &'a Variable) -> Self {
        Self {
            name: &variable.name,
            kind: variable.kind,
            default: variable.default.as_deref(),
            required: variable.required,
            secret: variable.secret.is_some(),
            meaning: &variable.meaning,
        }
    }
}

fn variable(node: &Yaml, ports: &BTreeMap<String, String>) -> Result<Variable, String> {
    let name = yaml::required(node, "name")?;
    let default = yaml::scalar(&node["default"])
        .map(|text| resolve(&text, ports))
        .transpose()
        .map_err(|reason| format!("{name}: {reason}"))?;
    let secret = yaml::scalar(&node["secret"]);
    Ok(Variable {
        kind: Kind::parse(&yaml::required(node, "type")?).map_err(|reason| format!("{name}: {reason}"))?,
        default,
        required: node["required"].as_bool().unwrap_or(false),
        file: secret.is_some() || node["file"].as_bool().unwrap_or(false),
        secret,
        min: bound(&node["min"]),
        max: bound(&node["max"]),
        values: yaml::items(node, "values")
            .iter()
            .filter_map(yaml::scalar)
            .collect(),
        meaning: yaml::required(node, "meaning")?,
        name,
    })
}

fn bound(node: &Yaml) -> Option<f64> {
    yaml::scalar(node)?.parse().ok()
}

/// `${port.NAME}` stands for a port of the same file.
fn resolve(text: &str, ports: &BTreeMap<String, String>) -> Result<String, String> {
    match text
        .strip_prefix("${port.")
        .and_then(|rest| rest.strip_suffix('}'))
    {
        Some(port) => ports
            .get(port)
            .cloned()
            .ok_or_else(|| format!("no port `{port}`")),
        None => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_name_ports_of_the_same_file() {
        let spec = ServiceSpec::parse(
            "name: shop\nports:\n  - { name: http, port: 8080 }\nenv:\n  - { name: HTTP_PORT, type: port, default: \"${port.http}\", meaning: Port }\n",
        )
        .unwrap();
        assert_eq!(spec.port("http"), Some(8080));
        assert_eq!(
            spec.variable("HTTP_PORT").unwrap().default.as_deref(),
            Some("8080")
        );
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let bad = "name: shop\nenv:\n  - { name: PRICE, type: money, meaning: Price }\n";
        assert_eq!(
            ServiceSpec::parse(bad).unwrap_err(),
            "PRICE: `money` is not a type"
        );
        let bad =
            "name: shop\nenv:\n  - { name: PORT, type: port, default: \"${port.none}\", meaning: Port }\n";
        assert_eq!(ServiceSpec::parse(bad).unwrap_err(), "PORT: no port `none`");
    }
}
