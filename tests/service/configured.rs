//! The configuration file, as its user meets it.

use std::process::Command;

use crate::place::Place;

struct Ran {
    status: Option<i32>,
    out: String,
    told: String,
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_windfall"))
        .env_clear()
        .envs(variables.iter().copied())
        .args(arguments)
        .output()
        .unwrap();
    Ran {
        status: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        told: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The long flags that a help shows, but for those of a call.
fn flags(help: &str) -> Vec<&str> {
    let lines = help.lines().filter_map(|line| {
        let line = line.trim_start();
        let long = line
            .strip_prefix("--")
            .or_else(|| line.get(4..)?.strip_prefix("--"));
        let long = long.filter(|_| line.starts_with('-'))?;
        long.split([' ', '.']).next()
    });
    lines
        .filter(|flag| !["help", "version", "config"].contains(flag))
        .collect()
}

#[test]
fn every_flag_that_the_help_of_watch_shows_is_in_the_sample() {
    let help = run(&["watch", "--help"], &[]).out;
    let flags = flags(&help);
    assert!(flags.len() > 30, "{flags:?}");
    let sample = include_str!("../../packaging/windfall.toml");
    for flag in flags {
        let set = sample.lines().any(|line| {
            let line = line.trim_start_matches('#');
            line.strip_prefix(flag)
                .is_some_and(|rest| rest.starts_with(" = "))
        });
        assert!(set, "--{flag} is not in packaging/windfall.toml");
    }
}

#[test]
fn check_says_that_a_file_is_right_or_where_it_is_not() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/windfall.toml");
    let right = run(&["config", "check", sample], &[]);
    assert_eq!((right.status, right.told.as_str()), (Some(0), ""));
    assert!(right.out.contains("is right"), "{}", right.out);

    let place = Place::new("check");
    let wrong = place.write(
        "wrong.toml",
        "[watch]\nno-tui = true\nintreface = \"lan0\"\n",
    );
    let wrong = wrong.to_str().unwrap();
    let told =
        format!("{wrong}:3: there is no key \"intreface\" in [watch]: did you mean \"interface\"?");
    for arguments in [
        &["config", "check", wrong][..],
        &["--config", wrong, "watch"],
        &["replay", "--config", wrong, "x.pcap"],
    ] {
        let ran = run(arguments, &[]);
        assert_eq!(ran.status, Some(2), "{}", ran.told);
        assert!(ran.told.contains(&told), "{}", ran.told);
    }

    // A catalogue file that it names is read at the start, and so is here.
    let catalogue = place.write("own.toml", "[[host]]\npattern = 7\n");
    let naming = format!("catalogue = [{:?}]\n", catalogue.to_str().unwrap());
    let naming = place.write("naming.toml", &naming);
    let ran = run(&["config", "check", naming.to_str().unwrap()], &[]);
    assert_eq!(ran.status, Some(2), "{}", ran.told);
    assert!(ran.told.contains("own.toml:2:"), "{}", ran.told);
}

#[test]
fn show_tells_what_holds_and_who_says_so() {
    let place = Place::new("show");
    let text = "profile = \"itunes\"\nmax-flows = 5\nworkers = 2\n[watch]\nwindow = \"1m\"\n";
    let file = place.write("windfall.toml", text);
    let file = file.to_str().unwrap();
    let shown = run(
        &["config", "show", "--workers", "3"],
        &[
            ("WINDFALL_CONFIG", file),
            ("WINDFALL_MAX_FLOWS", "6"),
            ("WINDFALL_METRICS", "[::1]:9"),
        ],
    );
    assert_eq!(shown.status, Some(0), "{}", shown.told);
    let holds = |value: &str, source: &str| {
        let line = shown.out.lines().find(|line| line.starts_with(value));
        let line = line.unwrap_or_else(|| panic!("{value}: {}", shown.out));
        assert!(line.ends_with(&format!("# {source}")), "{line}");
    };
    holds("workers = 3 ", "command line");
    holds("max-flows = 6 ", "WINDFALL_MAX_FLOWS");
    holds("profile = \"itunes\" ", &format!("{file}:1"));
    holds("window = \"1m\" ", &format!("{file}:5"));
    holds("metrics = \"[::1]:9\" ", "WINDFALL_METRICS");
    holds("color = \"auto\" ", "default");
    holds("# filter is not set ", "default");

    // What is shown is a configuration file itself.
    let again = place.write("again.toml", &shown.out);
    let check = run(&["config", "check", again.to_str().unwrap()], &[]);
    assert_eq!(check.status, Some(0), "{}", check.told);
}

#[test]
fn a_report_is_made_as_the_file_says_unless_the_command_line_says_otherwise() {
    let place = Place::new("reported");
    let file = place.write("windfall.toml", "client = [\"192.168.7.21\"]\n");
    let file = file.to_str().unwrap();
    let capture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/captures/itunes-failure.pcapng"
    );
    let by_file = run(&["replay", "--config", file, capture], &[]).out;
    assert!(!by_file.contains("client 192.168.7.20"), "{by_file}");
    let by_flag = run(
        &[
            "replay",
            "--config",
            file,
            "--client",
            "192.168.7.20",
            capture,
        ],
        &[],
    );
    assert!(
        by_flag.out.contains("client 192.168.7.20"),
        "{}",
        by_flag.out
    );
}
