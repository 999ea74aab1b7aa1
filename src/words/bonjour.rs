//! A Bonjour service in words.

use crate::verdict::summary::BonjourService;

/// TXT keys that hold a device's model, of which a service has one.
const MODEL: [&str; 4] = ["model", "am", "md", "rpMd"];

/// TXT keys that hold a library's name, of which a service has one.
const LIBRARY: [&str; 3] = ["Machine Name", "hN", "CtlN"];

/// Where it is, what it is, and whether it is still there.
#[must_use]
pub fn told(service: &BonjourService) -> String {
    let mut facts = Vec::new();
    if let (Some(host), Some(port)) = (&service.host, service.port) {
        facts.push(format!("{host}:{port}"));
    }
    let entry = |keys: &[&str]| keys.iter().find_map(|key| service.txt.get(*key));
    if let Some(model) = entry(&MODEL) {
        facts.push(format!("({model})"));
    }
    if let Some(library) = entry(&LIBRARY) {
        facts.push(format!("library {library}"));
    }
    if service.goodbye {
        facts.push("gone".to_owned());
    }
    facts.join("  ")
}
