//! An operator's file adds, overrides and removes; a bad one is refused with its place, its key and what is allowed.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use proptest::prelude::*;
use windfall::catalogue::{Catalogue, CatalogueError, Listing, Profile};
use windfall::transport::Transport::{Tcp, Udp};

fn with(text: &str) -> Catalogue {
    Catalogue::with_extra(Profile::All, &[("my.toml", text)]).unwrap()
}

fn refused(text: &str) -> CatalogueError {
    Catalogue::with_extra(Profile::All, &[("my.toml", text)]).unwrap_err()
}

#[test]
fn a_new_host_needs_a_pattern_and_ports_alone() {
    let catalogue = with("[[host]]\npattern = \"MDM.School.Example\"\nports = [\"8443/tcp\"]\n");
    let id = catalogue.owner(b"mdm.school.example", Tcp, 8443).unwrap();
    let host = catalogue.requirement(id).unwrap();
    assert_eq!(id.index(), catalogue.requirements().len() - 1);
    assert_eq!(
        (host.id.as_str(), host.service.as_str()),
        ("mdm.school.example", "listed in my.toml")
    );
    assert_eq!(
        (host.sources.as_slice(), host.profiles.as_slice()),
        (
            ["my.toml".to_owned()].as_slice(),
            [Listing::Custom].as_slice()
        )
    );
    assert!(!host.optional);
}

#[test]
fn an_override_replaces_what_it_says_and_keeps_the_rest() {
    let before = Catalogue::builtin(Profile::All).unwrap();
    let catalogue =
        with("[[host]]\npattern = \"gs.apple.com\"\nports = [\"8443/tcp\"]\noptional = true\n");
    let id = before.find("gs.apple.com").unwrap();
    assert_eq!(catalogue.find("gs.apple.com"), Some(id));
    let (old, new) = (
        before.requirement(id).unwrap(),
        catalogue.requirement(id).unwrap(),
    );
    assert_eq!(
        (new.ports.to_string().as_str(), new.optional),
        ("8443/tcp", true)
    );
    assert_eq!(
        (&new.service, &new.failure, &new.operator),
        (&old.service, &old.failure, &old.operator)
    );
    assert!(new.sources.contains(&"my.toml".to_owned()) && new.profiles.contains(&Listing::Custom));
    assert_eq!(catalogue.owner(b"gs.apple.com", Tcp, 443), None);
    assert_eq!(catalogue.requirements().len(), before.requirements().len());
}

#[test]
fn a_host_can_be_taken_out_and_the_places_close_up() {
    let before = Catalogue::builtin(Profile::All).unwrap();
    let catalogue = with("[[host]]\npattern = \"*.amazonaws.com\"\nremove = true\n");
    assert!(!catalogue.covers(b"s3.amazonaws.com"));
    assert_eq!(
        catalogue.requirements().len(),
        before.requirements().len() - 1
    );
    for requirement in catalogue.requirements() {
        let id = catalogue
            .owner_of_name(requirement.pattern.replace('*', "x").as_bytes())
            .unwrap();
        assert_eq!(catalogue.requirement(id), Some(requirement));
    }
}

#[test]
fn a_later_file_has_the_last_word() {
    let files = [
        (
            "a.toml",
            "[[host]]\npattern = \"a.example\"\nports = [\"1/tcp\"]\n[[host]]\npattern = \"gs.apple.com\"\nremove = true\n",
        ),
        (
            "b.toml",
            "[[host]]\npattern = \"a.example\"\nports = [\"2/udp\"]\nuse = \"second\"\n[[host]]\npattern = \"gs.apple.com\"\nports = [\"443/tcp\"]\n",
        ),
    ];
    let catalogue = Catalogue::with_extra(Profile::Itunes, &files).unwrap();
    assert!(catalogue.owner(b"a.example", Tcp, 1).is_none());
    let id = catalogue.owner(b"a.example", Udp, 2).unwrap();
    assert_eq!(catalogue.requirement(id).unwrap().service, "second");
    // Removed by the first, it comes back as the second writes it.
    let id = catalogue.owner(b"gs.apple.com", Tcp, 443).unwrap();
    assert_eq!(
        catalogue.requirement(id).unwrap().profiles,
        [Listing::Custom]
    );
}

#[test]
fn an_entry_of_a_list_that_the_profile_leaves_out_may_be_spoken_of() {
    let text = "[[host]]\npattern = \"time.apple.com\"\noptional = true\n[[host]]\npattern = \"gdmf.apple.com\"\nremove = true\n";
    let catalogue = Catalogue::with_extra(Profile::Itunes, &[("my.toml", text)]).unwrap();
    assert!(!catalogue.covers(b"time.apple.com") && !catalogue.covers(b"gdmf.apple.com"));
    // With ports the entry is whole, and is added.
    let text = "[[host]]\npattern = \"time.apple.com\"\nports = [\"123/udp\"]\n";
    let catalogue = Catalogue::with_extra(Profile::Itunes, &[("my.toml", text)]).unwrap();
    assert!(catalogue.covers(b"time.apple.com"));
}

#[test]
fn ports_and_processes_too() {
    let catalogue = with(concat!(
        "[[port]]\nports = [\"8008/tcp\"]\nname = \"our-radio\"\n",
        "[[port]]\nports = [\"554/udp\", \"554/tcp\"]\nname = \"cameras\"\n",
        "[[port]]\nports = [\"7000/tcp\"]\nremove = true\n",
        "[[process]]\nname = \"QTTASK.exe\"\nremove = true\n",
        "[[process]]\nname = \"ours.exe\"\nuse = \"keeps watch\"\n",
    ));
    let name = |transport, port| {
        catalogue
            .by_port(transport, port)
            .map(|entry| entry.name.as_str())
    };
    assert_eq!(name(Tcp, 8008), Some("our-radio"));
    assert_eq!(name(Tcp, 8009), Some("internet-radio"));
    assert_eq!(name(Udp, 554), Some("cameras"));
    assert_eq!(name(Tcp, 7000), None);
    assert_eq!(catalogue.process("qttask.exe"), None);
    assert_eq!(
        catalogue.process("ours.exe").unwrap().service,
        "keeps watch"
    );
}

#[test]
fn an_empty_file_changes_nothing() {
    let before = Catalogue::builtin(Profile::All).unwrap();
    for text in ["", "# nothing yet\n", "\r\n"] {
        assert_eq!(with(text).requirements(), before.requirements());
    }
}

#[test]
fn faults_are_told_with_place_key_and_what_is_allowed() {
    for (text, told) in [
        (
            "[[host]]\npattern = \"a.example\"\nports = [\"443/tcp\", \"99999/tcp\"]\n",
            "my.toml:3:21: ports: \"99999/tcp\" is not a port (1–65535",
        ),
        (
            "[[host]]\npattern = \"a.example\"\nports = \"443/tcp\"\n",
            "my.toml:3:9: ports: must be a list of strings in brackets, not string",
        ),
        (
            "[[host]]\npattern = \"a.example\"\nports = [443]\n",
            "my.toml:3:10: ports: must be a string in quotes, not integer",
        ),
        (
            "[[host]]\npattern = \"a.example\"\nports = []\n",
            "my.toml:3:9: ports: must not be empty",
        ),
        (
            "[[host]]\npattern = \"a.example\"\nports = [\"443/sctp\"]\n",
            "my.toml:3:10: ports: \"443/sctp\": \"sctp\" is not a transport (tcp, udp)",
        ),
        (
            "[[host]]\npattern = \"a.example\"\n",
            "my.toml:2:11: ports: is missing: \"a.example\" is new",
        ),
        (
            "# ü\n[[host]]\nports = [\"443/tcp\"]\n",
            "my.toml:2:1: pattern: is missing",
        ),
        (
            "[[host]]\npattern = \"a.*.example\"\n",
            "my.toml:2:11: pattern: \"a.*.example\": one star may end the first label",
        ),
        (
            "[[host]]\npattern = 5\n",
            "my.toml:2:11: pattern: must be a string in quotes, not integer",
        ),
        (
            "[[host]]\npattern = \" \"\n",
            "my.toml:2:11: pattern: must not be blank",
        ),
        (
            "[[host]]\npattern = \"a.example\"\n  prots = [\"443/tcp\"]\n",
            "my.toml:3:3: prots: is not a key here; allowed are pattern, ports, operator, use, failure, groups, source, edition, optional, note, remove",
        ),
        (
            "[[hosts]]\npattern = \"a.example\"\n",
            "my.toml:1:3: hosts: is not a key here; allowed are host, port, process",
        ),
        (
            "[host]\npattern = \"a.example\"\n",
            "my.toml:1:1: host: must be a list of tables, each headed [[host]], not table",
        ),
        (
            "host = [1]\n",
            "my.toml:1:9: host: must be a list of tables, each headed [[host]], not integer",
        ),
        (
            "[[host]]\npattern = \"a.example\"\nports = [\"1/tcp\"]\n\n[[host]]\npattern = \"A.Example.\"\nports = [\"2/tcp\"]\n",
            "my.toml:6:11: pattern: \"a.example\" stands in this file already",
        ),
        (
            "[[host]]\npattern = \"gs.apple.com\"\noptional = \"yes\"\n",
            "my.toml:3:12: optional: must be true or false, not string",
        ),
        (
            "[[host]]\npattern = \"nowhere.example\"\nremove = true\n",
            "my.toml:2:11: pattern: \"nowhere.example\" is in no list",
        ),
        ("[[port]]\nname = \"x\"\n", "my.toml:1:1: ports: is missing"),
        (
            "[[port]]\nports = [\"9-1/tcp\"]\n",
            "my.toml:2:10: ports: \"9-1/tcp\" runs backwards",
        ),
        (
            "[[port]]\nports = [\"1/tcp\"]\n[[port]]\nports = [\"1/tcp\"]\n",
            "my.toml:4:9: ports: \"1/tcp\" stands in this file already",
        ),
        (
            "[[process]]\nname = \"a.exe\"\nports = [\"1/tcp\"]\n",
            "my.toml:3:1: ports: is not a key here; allowed are name, same_as, use,",
        ),
    ] {
        let message = refused(text).to_string();
        assert!(
            message.starts_with(told),
            "{text}\nsaid {message}\nnot  {told}"
        );
    }
}

#[test]
fn bad_toml_is_told_with_its_place() {
    let error = refused("[[host]]\npattern = \"gs.apple.com\nports = []\n");
    assert_eq!(
        (error.file.as_str(), error.line, error.key.as_deref()),
        ("my.toml", 2, None)
    );
    let error = refused("[[host]]\npattern = \"a.example\"\npattern = \"b.example\"\n");
    assert_eq!((error.line, error.column), (3, 1));
    assert!(error.message.contains("duplicate key"), "{error}");
}

#[test]
fn the_fault_is_told_of_the_file_it_is_in() {
    let files = [("good.toml", ""), ("bad.toml", "x = 1\n")];
    let error = Catalogue::with_extra(Profile::All, &files).unwrap_err();
    assert_eq!(error.file, "bad.toml");
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "\\PC*", cut in any::<prop::sample::Index>()) {
        let _ = Catalogue::with_extra(Profile::Itunes, &[("my.toml", &text)]);
        let whole = "[[host]]\npattern = \"ä*.example\"\nports = [\"443/tcp\"]\n[[port]]\nports = [\"1-2/udp\"]\nradio = true\n";
        let start: String = whole.chars().take(cut.index(whole.chars().count())).collect();
        let _ = Catalogue::with_extra(Profile::Itunes, &[("my.toml", &start)]);
    }
}
