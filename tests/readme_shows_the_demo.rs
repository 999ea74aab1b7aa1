//! What README shows of the demonstration is what the program prints.
#![expect(clippy::disallowed_methods, reason = "a test reads files")]

use assert_cmd::Command;

/// Stands for lines left out.
const LEFT_OUT: &str = "…";

#[test]
fn each_line_of_the_report_in_the_readme_is_printed_in_that_order() {
    let root = env!("CARGO_MANIFEST_DIR");
    let readme = std::fs::read_to_string(format!("{root}/README.md")).unwrap();
    let shown = readme.split("```text\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap();
    let output = Command::cargo_bin("windfall")
        .unwrap()
        .current_dir(root)
        .args(["replay", "captures/itunes-failure.pcapng"])
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let mut rest = printed.lines();
    let wanted: Vec<&str> = shown.lines().filter(|line| *line != LEFT_OUT).collect();
    assert!(wanted.len() > 20);
    for line in wanted {
        assert!(
            rest.any(|printed| printed == line),
            "README shows, and the program does not print here:\n{line}"
        );
    }
}
