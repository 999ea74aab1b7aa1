//! Imports run one way: `main → cli → pipeline, report, service, tui → events → words, merge, picture → monitor → verdict → catalogue, flow, process_list,
//! protocol → decode → frame`. The left may use the right, never back; modules of one place do not know each other.
//!
//! A path counts wherever it stands: in `use`, in an expression, through `super`, in tests inside `src/`.

use std::fs;

use crate::rust_source::{NamedPath, files, module_of, paths, tokens};

/// From left to right.
const PLACES: &[&[&str]] = &[
    &["main"],
    &["cli"],
    &["pipeline", "report", "service", "tui"],
    &["events"],
    &["anonymize", "merge", "picture", "privilege", "words"],
    &["monitor"],
    &["verdict"],
    &["catalogue", "flow", "process_list", "protocol"],
    &["decode"],
];
/// Small vocabularies that anyone may use, and that use only each other.
const LEAVES: &[&str] = &[
    "hostname",
    "place",
    "side",
    "transport",
    "address_block",
    "growth",
];
/// What anyone may use of `capture`: the frame, which is what everything is about.
const OPEN_OF_CAPTURE: &[&str] = &["frame", "link_type"];
/// The only ones that read captures.
const CAPTURE_USERS: &[&str] = &["main", "cli", "pipeline"];
/// Outputs see this of `verdict` and nothing else to its right, so that screen, text and JSON cannot disagree.
const OUTPUTS: &[&str] = &["report", "tui"];
const OPEN_TO_OUTPUTS: &[&str] = &["summary", "outcome"];

fn place(module: &str) -> Option<usize> {
    PLACES.iter().position(|place| place.contains(&module))
}

fn is_known(module: &str) -> bool {
    place(module).is_some() || LEAVES.contains(&module) || module == "capture"
}

/// Whether a module may use `target`, or `part` of it if the path says so.
fn may_use(module: &str, target: &str, part: Option<&str>) -> bool {
    let part_is = |open: &[&str]| part.is_some_and(|part| open.contains(&part));
    if target == module || LEAVES.contains(&target) {
        return true;
    }
    if target == "capture" {
        return CAPTURE_USERS.contains(&module) || part_is(OPEN_OF_CAPTURE);
    }
    if OUTPUTS.contains(&module) {
        return (target == "verdict" && part_is(OPEN_TO_OUTPUTS))
            || target == "words"
            || target == "events"
            || (module == "tui" && target == "picture");
    }
    match (place(module), place(target)) {
        (Some(from), Some(to)) => from < to,
        // A glob of the whole crate hides what is used; `main` may use all there is.
        (Some(0), None) => target == "*",
        _ => false,
    }
}

/// The path from the crate's root, without `crate`; none if it does not start there.
fn from_root(module: &[String], path: &NamedPath) -> Option<Vec<String>> {
    let segments = &path.segments;
    match segments.first()?.as_str() {
        "crate" | "windfall" => Some(segments[1..].to_vec()),
        "super" => {
            let up = segments.iter().take_while(|name| *name == "super").count();
            let kept = (module.len() + path.inline_modules).checked_sub(up)?;
            let above = module.iter().take(kept);
            // Inside an inline module that is still this module.
            (kept < module.len()).then(|| above.chain(&segments[up..]).cloned().collect())
        }
        _ => None,
    }
}

/// What a file does against the rule, a line each.
fn violations(module: &[String], source: &str) -> Vec<String> {
    let top = module[0].as_str();
    if !is_known(top) {
        return vec![format!(
            "`{top}` is not in the table of this test: say where it stands"
        )];
    }
    let mut found = Vec::new();
    for path in paths(&tokens(source)) {
        let Some(target) = from_root(module, &path) else {
            continue;
        };
        let Some(first) = target.first() else {
            continue; // the root itself, as in `pub(in super::super)`
        };
        let part = target.get(1).map(String::as_str);
        if !may_use(top, first, part) {
            let (line, target) = (path.line, target.join("::"));
            found.push(format!("line {line}: `{top}` uses `{target}`"));
        }
    }
    found
}

#[test]
fn no_import_in_src_runs_back() {
    let sources = files("src");
    assert!(sources.len() > 50, "src/ was not found: {sources:?}");
    let mut all = Vec::new();
    for file in &sources {
        let module = module_of(file);
        if module == ["lib"] {
            continue;
        }
        for violation in violations(&module, &fs::read_to_string(file).unwrap()) {
            all.push(format!("{}: {violation}", file.display()));
        }
    }
    assert!(all.is_empty(), "\n{}\n", all.join("\n"));
}

/// What the rule says of a made-up file.
fn said_of(module: &str, source: &str) -> Vec<String> {
    let module: Vec<String> = module.split("::").map(str::to_owned).collect();
    violations(&module, source)
}

#[test]
fn what_runs_back_is_seen_however_it_is_spelled() {
    for (module, source, seen) in [
        (
            "decode::link",
            "use crate::flow::Flow;",
            "line 1: `decode` uses `flow::Flow`",
        ),
        (
            "flow",
            "\nuse crate::{decode::View, protocol::{dns, tls as t}};",
            "line 2: `flow` uses `protocol::dns`",
        ),
        (
            "flow::key",
            "fn f<'a>() { let c = '\"'; g(crate::verdict::judge(1)) }",
            "line 1: `flow` uses `verdict::judge`",
        ),
        (
            "protocol::dns",
            "use super::super::flow::Flow;",
            "line 1: `protocol` uses `flow::Flow`",
        ),
        (
            "protocol",
            "mod tests { use super::super::monitor; }",
            "line 1: `protocol` uses `monitor`",
        ),
        (
            "verdict::rows",
            "fn f(r: &crate::report::Row) {}",
            "line 1: `verdict` uses `report::Row`",
        ),
        ("monitor", "use crate::*;", "line 1: `monitor` uses `*`"),
        (
            "monitor",
            "use crate::capture::{frame, Replay};",
            "line 1: `monitor` uses `capture::Replay`",
        ),
        (
            "pipeline",
            "use crate::tui;",
            "line 1: `pipeline` uses `tui`",
        ),
        (
            "cli",
            "windfall::main::start()",
            "line 1: `cli` uses `main::start`",
        ),
        (
            "report",
            "use crate::verdict::assemble::Options;",
            "line 1: `report` uses `verdict::assemble::Options`",
        ),
        (
            "tui",
            "use crate::catalogue::Catalogue;",
            "line 1: `tui` uses `catalogue::Catalogue`",
        ),
        (
            "side",
            "use crate::decode::View;",
            "line 1: `side` uses `decode::View`",
        ),
        (
            "novelty",
            "",
            "`novelty` is not in the table of this test: say where it stands",
        ),
    ] {
        let said = said_of(module, source);
        assert!(said.iter().any(|line| line == seen), "{source}: {said:?}");
    }
}

#[test]
fn every_member_of_a_group_is_judged() {
    let source = "use crate::{verdict::{summary::Summary, rows}, flow, side::Side};";
    let said = said_of("report", source);
    let expected = [
        "line 1: `report` uses `verdict::rows`",
        "line 1: `report` uses `flow`",
    ];
    assert_eq!(said, expected);
}

#[test]
fn what_runs_forward_or_is_only_text_passes() {
    for (module, source) in [
        (
            "main",
            "fn main() { windfall::cli::run(); crate::pipeline::replay() }",
        ),
        (
            "cli::replay",
            "use windfall::{capture::Replay, catalogue, report, verdict::summary::Summary};",
        ),
        (
            "pipeline",
            "use crate::capture::Replay; use crate::monitor::Monitor;",
        ),
        (
            "verdict::rows",
            "use super::summary; use crate::flow::Flow;",
        ),
        (
            "flow::key",
            "mod tests { use super::super::Flow; mod deep { use super::super::Key; } }",
        ),
        ("flow", "pub(crate) use crate::capture::frame::Frame;"),
        (
            "tui",
            "use crate::verdict::{outcome::Status, summary::Summary};",
        ),
        (
            "decode",
            "// crate::verdict::x\n/* /* crate::flow::y */ crate::flow::y */ fn f() {}",
        ),
        (
            "decode",
            r##"const A: &str = "\"crate::flow::x"; const B: &[u8] = br#"crate::flow::"y"#;"##,
        ),
    ] {
        assert_eq!(said_of(module, source), [""; 0], "{source}");
    }
}
