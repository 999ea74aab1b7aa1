//! Nothing unfinished is left in the source: no stub, no debug print, no skipped test, no lint switched off.

use std::fs;

use crate::rust_source::{files, tokens};

/// In code, spaces left out. A lint is excepted with `expect` and a reason, never with `allow`.
const IN_CODE: &[&str] = &[
    "todo!",
    "unimplemented!",
    "dbg!",
    "#[ignore",
    ",ignore",
    "#[allow(",
    "#![allow(",
    ",allow(",
];
/// In comments as well; in two halves, so that this file does not hold them.
const ANYWHERE: &[&str] = &[
    concat!("FIX", "ME"),
    concat!("X", "XX"),
    concat!("TO", "DO"),
];

fn leftovers(source: &str) -> Vec<&'static str> {
    let code: String = tokens(source).into_iter().map(|token| token.text).collect();
    let in_code = IN_CODE.iter().filter(|&&needle| code.contains(needle));
    let anywhere = ANYWHERE.iter().filter(|&&needle| source.contains(needle));
    in_code.chain(anywhere).copied().collect()
}

#[test]
fn nothing_unfinished_is_left() {
    let mut found = Vec::new();
    for file in ["src", "tests", "benches"].into_iter().flat_map(files) {
        for leftover in leftovers(&fs::read_to_string(&file).unwrap()) {
            found.push(format!("{}: {leftover}", file.display()));
        }
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn a_leftover_is_seen_however_it_is_spaced() {
    for (source, seen) in [
        ("fn f() { todo!() }", "todo!"),
        ("let x = dbg! (1);", "dbg!"),
        ("#[test]\n#[ignore = \"slow\"]\nfn f() {}", "#[ignore"),
        ("#[cfg_attr(miri, ignore)]", ",ignore"),
        ("#![ allow (dead_code)]", "#![allow("),
        ("#[cfg_attr(test, allow(dead_code))]", ",allow("),
        (concat!("// FIX", "ME later"), ANYWHERE[0]),
    ] {
        assert_eq!(leftovers(source), [seen], "{source}");
    }
    assert_eq!(
        leftovers("#[expect(a, reason = \"todo!\")] // dbg!"),
        [""; 0]
    );
}
