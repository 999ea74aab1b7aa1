//! One test an attack.

use crate::attack::Attack;
use crate::besieged::{Besieged, LIMITS};

#[test]
fn a_syn_flood_gives_up_its_own_flows() {
    let besieged = Besieged::by(Attack::SynFlood, 30_000);
    besieged.is_bounded_and_right();
    assert!(besieged.hit("flows") > 28_000);
    assert!(besieged.hit("hosts") > 0);
    assert_eq!(besieged.hit("required-flows"), 0);
}

#[test]
fn a_flood_of_random_names_gives_up_its_own_questions() {
    let besieged = Besieged::by(Attack::DnsRandom, 30_000);
    besieged.is_bounded_and_right();
    for limit in ["lookups", "names", "hosts"] {
        assert!(besieged.hit(limit) > 1000, "{limit}");
    }
}

#[test]
fn a_storm_of_services_fills_their_book_and_no_other() {
    let besieged = Besieged::by(Attack::MdnsStorm, 20_000);
    besieged.is_bounded_and_right();
    assert!(besieged.hit("bonjour") > 10_000);
    assert_eq!((besieged.hit("flows"), besieged.hit("lookups")), (0, 0));
}

#[test]
fn fragments_that_never_complete_push_out_each_other() {
    let besieged = Besieged::by(Attack::Fragments, 20_000);
    besieged.is_bounded_and_right();
    assert_eq!(besieged.hit("fragments"), 20_000 - 128);
    assert_eq!(besieged.hit("flows"), 0);
}

#[test]
fn hellos_of_one_byte_a_segment_wait_within_their_bound() {
    // Twice as many connections as wait at once, of two hundred bytes each.
    let besieged = Besieged::by(Attack::TinyHellos, 203 * 900);
    besieged.is_bounded_and_right();
    assert!(besieged.hit("flows") + besieged.hit("reassembly-bytes") > 0);
}

#[test]
fn initials_cost_no_more_tries_than_their_budget() {
    let besieged = Besieged::by(Attack::QuicInitials, 30_000);
    besieged.is_bounded_and_right();
    let tries = 240 * LIMITS.quic_openings as u64;
    assert!(besieged.hit("quic-openings") >= 30_000 - tries);
    // Those of the flood that were opened say that they are for a required host.
    assert!(besieged.hit("required-flows") < besieged.hit("flows"));
}

#[test]
fn names_of_control_characters_are_names() {
    let besieged = Besieged::by(Attack::ControlNames, 24_000);
    besieged.is_bounded_and_right();
    for limit in ["flows", "lookups", "names", "bonjour"] {
        assert!(besieged.hit(limit) > 1000, "{limit}");
    }
}
