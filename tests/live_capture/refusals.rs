//! What cannot be captured is refused before anything starts, with what to do.

use windfall::capture::live::{LiveOptions, open};

use crate::namespace::{inside, wire};

#[test]
fn a_wrong_filter_is_shown_with_its_place() {
    let options = LiveOptions {
        filter: Some("tcp prot 443".to_owned()),
        ..LiveOptions::default()
    };
    let error = open(&options).err().unwrap().to_string();
    let caret = "  tcp prot 443\n      ^^^^\n";
    assert!(error.contains(caret), "{error}");
    assert!(error.contains("--filter 'tcp port 443"), "{error}");
}

#[test]
fn a_filter_that_does_not_suit_the_interface_is_refused() {
    inside(
        "refusals::a_filter_that_does_not_suit_the_interface_is_refused",
        || {
            wire();
            let options = LiveOptions {
                interfaces: vec!["far".to_owned()],
                filter: Some("wlan type mgt".to_owned()),
                ..LiveOptions::default()
            };
            let error = open(&options).err().unwrap().to_string();
            assert!(error.starts_with("far: the filter"), "{error}");
            assert!(error.contains("EN10MB"), "{error}");
        },
    );
}
