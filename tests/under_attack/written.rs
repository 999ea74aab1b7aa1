//! Reports of names that are all control characters.

use windfall::report::{self, Format, Options};

use crate::attack::Attack;
use crate::attack::floods::control_characters;
use crate::besieged::Besieged;

#[test]
fn no_report_holds_a_control_character_off_the_wire() {
    let besieged = Besieged::by(Attack::ControlNames, 800);
    for format in [Format::Text, Format::Json, Format::Ndjson, Format::Csv] {
        let options = Options {
            format,
            listed: None,
            colour: false,
        };
        let mut out = Vec::new();
        report::write(&besieged.summary, &options, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        // Lines end, CSV's by a carriage return as well (RFC 4180).
        let raw = control_characters().filter(|raw| !matches!(raw, '\n' | '\r'));
        let found: Vec<char> = raw.filter(|raw| text.contains(*raw)).collect();
        assert_eq!(found, [], "{format:?}");
        assert!(
            text.contains("push.apple.com"),
            "{format:?} shows the names"
        );
    }
}
