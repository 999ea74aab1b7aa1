//! The processes behind the flows, by lists of a Windows computer: made after what `tasklist` and `netstat` print.

use serde_json::{Value, json};

use crate::run::{Ran, capture, finish, program, run, written};

/// A failing connection of the demo: its flow to gs.apple.com.
const CONNECTION: &str = "192.168.7.20:37142     192.0.2.35:443";

fn demo() -> String {
    capture("itunes-failure.pcapng")
}

fn replay(lists: &[&str], format: &str) -> Ran {
    let mut command = program();
    command.args(["replay", "--format", format]);
    for list in lists {
        command.args(["--processes", list]);
    }
    finish(command.arg(demo()))
}

/// Client port and process of the flows that have one.
fn owned(report: &Value) -> Vec<(u64, Value)> {
    let flows = report["flows"].as_array().unwrap().iter();
    flows
        .filter(|flow| !flow["process"].is_null())
        .map(|flow| {
            let port = flow["client"]["port"].as_u64().unwrap();
            (port, flow["process"].clone())
        })
        .collect()
}

fn sockets(heading: &str, state: &str) -> String {
    format!(
        "\r\n{heading}\r\n\r\n  TCP    0.0.0.0:135   0.0.0.0:0   {state}   900\r\n\
           TCP    {CONNECTION}    {state}    4711\r\n\
           TCP    [fe80::c50d:519f:96a4:e108%17]:49700  [fe80::1%17]:443  {state}  4711\r\n\
           UDP    [::]:5353   *:*          1200\r\n"
    )
}

fn tasks(heading: &str) -> String {
    format!(
        "{heading}\r\n\"System\",\"4\",\"Services\",\"0\",\"148 K\"\r\n\
         \"iTunes.exe\",\"4711\",\"Console\",\"1\",\"212 324 K\"\r\n\
         \"MDNSRESPONDER.EXE\",\"1200\",\"Services\",\"0\",\"9 K\"\r\n"
    )
}

fn utf_16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let marked = format!("\u{feff}{text}");
    marked.encode_utf16().flat_map(unit).collect()
}

/// `text` with each ● replaced by the next of `letters`, which are in a code page.
fn in_code_page(text: &str, letters: &[&[u8]]) -> Vec<u8> {
    let mut parts = text.split('●');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for (part, letter) in parts.zip(letters.iter().cycle()) {
        bytes.extend(*letter);
        bytes.extend(part.as_bytes());
    }
    bytes
}

#[test]
fn lists_of_any_language_and_code_page_name_the_process() {
    let czech = (
        // CP852.
        in_code_page(
            &sockets("Aktivn● p●ipojen●", "NAV●Z●NO"),
            &[b"\xa1", b"\xfd", b"\xa1", b"\xb5", b"\xb5"],
        ),
        in_code_page(&tasks("\"N●zev\",\"PID\",\"Relace\""), &[b"\xa0"]),
    );
    let german = (
        format!("\u{feff}{}", sockets("Aktive Verbindungen", "ABHÖREN")).into_bytes(),
        tasks("\"Abbildname\",\"PID\",\"Sitzungsname\",\"Sitz.-Nr.\"").into_bytes(),
    );
    let japanese = (
        // Shift JIS; the second byte of the second letter is a backslash, of the third a vertical bar.
        in_code_page(&sockets("●●●", "●●"), &[b"\x83A", b"\x83\\", b"\x83|"]),
        utf_16(
            &tasks("\"イメージ名\",\"PID\",\"セッション名\""),
            u16::to_le_bytes,
        ),
    );
    let english = (
        utf_16(&sockets("Active Connections", "SYN_SENT"), u16::to_be_bytes),
        tasks("\"Image Name\",\"PID\",\"Session Name\"").into_bytes(),
    );
    let expected = [(37_142, json!({"name": "iTunes.exe", "pid": 4711}))];
    for (language, (sockets, tasks)) in [
        ("czech", czech),
        ("german", german),
        ("japanese", japanese),
        ("english", english),
    ] {
        let sockets = written(&format!("{language}-sockets.txt"), &sockets);
        let tasks = written(&format!("{language}-tasks.csv"), &tasks);
        for order in [[&sockets[..], &tasks], [&tasks, &sockets]] {
            let report = replay(&order, "json").ended(1).json();
            assert_eq!(owned(&report), expected, "{language}");
        }
    }
}

#[test]
fn near_misses_name_nobody() {
    let tasks = written("miss-tasks.csv", tasks("\"Image Name\",\"PID\"").as_bytes());
    for (name, row) in [
        (
            "another server",
            "TCP 192.168.7.20:37142 192.0.2.36:443 X 4711",
        ),
        (
            "another computer",
            "TCP 10.9.9.9:37142 192.0.2.35:443 X 4711",
        ),
        (
            "closed",
            "TCP 192.168.7.20:37142 192.0.2.35:443 TIME_WAIT 0",
        ),
        (
            "listening",
            "TCP 192.168.7.20:37142 0.0.0.0:0 LISTENING 4711",
        ),
        ("udp", "UDP 192.168.7.20:37142 *:* 4711"),
    ] {
        let sockets = written("miss-sockets.txt", row.as_bytes());
        let report = replay(&[&tasks, &sockets], "json").json();
        assert_eq!(owned(&report), [], "{name}");
    }
    let first = written("miss-first.txt", sockets("x", "X").as_bytes());
    let reused = format!("TCP {CONNECTION} X 99");
    let reused = written("miss-reused.txt", reused.as_bytes());
    let report = replay(&[&tasks, &first, &reused], "json").json();
    assert_eq!(owned(&report), [], "one connection, two processes");
}

#[test]
fn an_identifier_without_a_name_is_told_as_it_is() {
    let sockets = written("nameless.txt", sockets("x", "X").as_bytes());
    let report = replay(&[&sockets], "json").json();
    let expected = [(37_142, json!({"name": null, "pid": 4711}))];
    assert_eq!(owned(&report), expected);
    let rows = report["processes"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["seen"].is_null()));
    let text = replay(&[&sockets], "text").out;
    assert!(text.contains("  by process 4711\n"), "{text}");
    assert!(!text.contains("ITUNES BACKGROUND PROCESSES"), "{text}");
}

#[test]
fn the_report_tells_which_background_processes_ran_failed_or_are_missing() {
    let sockets = format!("TCP {CONNECTION} X 70\n");
    let tasks = format!(
        "{}\"ituneshelper.exe\",\"70\"\n\"AppleMobileDeviceProcess.exe\",\"71\"\n",
        tasks("\"Image Name\",\"PID\"")
    );
    let both = written("background.txt", format!("{sockets}{tasks}").as_bytes());
    let report = replay(&[&both], "json").json();
    let flow = report["flows"].as_array().unwrap().iter();
    let flow = flow
        .clone()
        .find(|flow| !flow["process"].is_null())
        .unwrap();
    let row = |name: &str| {
        let rows = report["processes"].as_array().unwrap().iter();
        rows.clone().find(|row| row["name"] == name).unwrap()
    };
    let helper = row("iTunesHelper.exe");
    assert_eq!(helper["seen"], true);
    assert_eq!(helper["pids"], json!([70]));
    assert_eq!(helper["failing_flows"], json!([flow["id"]]));
    assert_eq!(row("AppleMobileDeviceService.exe")["pids"], json!([71]));
    assert_eq!(row("AppleMobileSync.exe")["seen"], false);
    let text = replay(&[&both], "text").out;
    for line in [
        "ITUNES BACKGROUND PROCESSES  3 of 20 running",
        " ✓ running      iTunesHelper.exe                      PID 70  1 flow stalled, reset or failed\n",
        " ✓ running      AppleMobileDeviceService.exe          PID 71\n",
        " ~ not running  AppleMobileSync.exe                   Synchronising does not start",
        " · by choice    MDCrashReportTool.exe, qttask.exe",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let without = run(["replay", "--format", "json", &demo()]).json();
    assert_eq!(without["processes"], json!([]));
}

#[test]
fn the_variable_takes_several_files() {
    let sockets = written("twin-sockets.txt", sockets("x", "X").as_bytes());
    let tasks = written("twin-tasks.csv", tasks("\"Name\",\"PID\"").as_bytes());
    let mut command = program();
    command
        .args(["replay", "--format", "json", &demo()])
        .env("WINDFALL_PROCESSES", format!("{sockets},{tasks}"));
    assert_eq!(owned(&finish(&mut command).json()).len(), 1);
}

#[test]
fn what_is_no_list_is_refused_with_file_and_line() {
    let long = vec![b'x'; 10 << 20];
    let long_row = [&b"\"System\",\"4\"\n\""[..], &long].concat();
    let long_socket = [&b"\n\nTCP "[..], &long].concat();
    let huge = vec![b' '; (16 << 20) + 1];
    let cases: [(&str, &[u8], &str, &str); 9] = [
        (
            "empty",
            b"",
            "",
            "neither `tasklist /fo csv` nor `netstat -ano`",
        ),
        ("long-line", &long, "", "neither"),
        ("long-row", &long_row, ":2", "both quoted"),
        ("long-socket", &long_socket, ":3", "local address"),
        ("zeros", &[0; 4096], ":1", "zero characters"),
        ("unmarked", b"T\0C\0P\0 \0", ":1", "byte order mark"),
        ("huge", &huge, "", "larger than 16 MiB"),
        ("table", b"Image Name  PID\nSystem  4\n", "", "neither"),
        (
            "no-pid",
            b"TCP 1.2.3.4:5 6.7.8.9:10 ESTABLISHED\n",
            ":1",
            "netstat -ano",
        ),
    ];
    for (name, bytes, line, why) in cases {
        let file = written(&format!("hostile-{name}.txt"), bytes);
        let ran = replay(&[&file], "json").ended(2);
        assert_eq!(ran.out, "", "{name}");
        let told = format!("windfall: error: {file}{line}: ");
        assert!(ran.told.starts_with(&told), "{name}: {}", ran.told);
        assert!(ran.told.contains(why), "{name}: {}", ran.told);
        assert!(ran.told.len() < 600, "{name}: quotes the file");
    }
    for path in ["/nonexistent/tasks.csv", env!("CARGO_TARGET_TMPDIR")] {
        let ran = replay(&[path], "json").ended(2);
        let told = format!("cannot read the process list {path}");
        assert!(ran.told.contains(&told), "{}", ran.told);
        // Watching reads them before it opens an interface, which may need a right that is missing here.
        #[cfg(feature = "live")]
        {
            let ran = run(["watch", "--processes", path]).ended(2);
            assert!(ran.told.contains(&told), "{}", ran.told);
        }
    }
}
