//! Reads the two YAML files that are compiled in: a service's spec and the error catalogue.

use yaml_rust2::{Yaml, YamlLoader};

/// The first document of a text.
pub(crate) fn document(text: &str) -> Result<Yaml, String> {
    let mut documents = YamlLoader::load_from_str(text).map_err(|error| error.to_string())?;
    if documents.is_empty() {
        return Err("the file is empty".to_owned());
    }
    Ok(documents.swap_remove(0))
}

/// The items of a list, none when the key is absent.
pub(crate) fn items<'a>(node: &'a Yaml, key: &str) -> &'a [Yaml] {
    node[key].as_vec().map_or(&[], Vec::as_slice)
}

/// A scalar as it would be written in an environment variable.
pub(crate) fn scalar(node: &Yaml) -> Option<String> {
    match node {
        Yaml::String(text) | Yaml::Real(text) => Some(text.clone()),
        Yaml::Integer(number) => Some(number.to_string()),
        Yaml::Boolean(value) => Some(value.to_string()),
        _ => None,
    }
}

/// A scalar that has to be there.
pub(crate) fn required(node: &Yaml, key: &str) -> Result<String, String> {
    scalar(&node[key]).ok_or_else(|| format!("`{key}` is missing"))
}
