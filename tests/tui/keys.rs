//! What keys and mouse do, seen as a user sees it.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEventKind};
use windfall::capture::frame::Timestamp;
use windfall::picture::{Command, Message, Picture, Question, Selection, Speed};
use windfall::tui::{Effect, Event};
use windfall::verdict::outcome::Outcome;

use crate::bundled::{picture, replayed, summary};
use crate::seen::Seen;

fn outage() -> Picture {
    picture(summary("itunes-failure.pcapng"))
}

fn seen() -> Seen {
    Seen::new(outage(), (100, 30))
}

fn replaying() -> Seen {
    Seen::new(replayed(outage()), (100, 30))
}

#[test]
fn the_worst_is_selected_until_another_row_is_chosen() {
    let mut seen = seen();
    assert!(seen.selected().starts_with("✗ failing   albert.apple.com"));
    seen.keys("j");
    assert!(seen.selected().starts_with("✗ failing   gs.apple.com"));
    seen.press(KeyCode::Down);
    seen.press(KeyCode::Up);
    assert!(seen.selected().starts_with("✗ failing   gs.apple.com"));
    seen.line("── ✗ gs.apple.com:443/tcp · 192.168.7.20");
    seen.line("Allow 443/tcp to gs.apple.com without TLS inspection");
    seen.press(KeyCode::End);
    assert!(seen.selected().starts_with("· not-seen"));
    seen.press(KeyCode::Home);
    assert!(seen.selected().contains("albert"));
    seen.press(KeyCode::PageDown);
    assert!(seen.selected().starts_with("✓ ok"));
    seen.press(KeyCode::PageUp);
    assert!(seen.selected().contains("albert"));
}

#[test]
fn the_selection_stays_on_its_row_when_others_come() {
    let mut seen = seen();
    seen.keys("jj");
    assert!(seen.selected().contains("mesu.apple.com"));
    let mut next = outage();
    next.number = 2;
    next.summary.requirements.reverse();
    seen.show(next);
    assert!(seen.selected().contains("mesu.apple.com"));
}

#[test]
fn lists_are_gone_through_with_tab_and_back() {
    let mut seen = seen();
    for title in ["server", "resolver", "instance", "about", "connection"] {
        seen.press(KeyCode::Tab);
        seen.line(title);
    }
    seen.press(KeyCode::BackTab);
    seen.line("about");
}

#[test]
fn detail_is_opened_scrolled_and_left() {
    let mut seen = seen();
    seen.press(KeyCode::Enter);
    seen.line("Esc back");
    assert!(!seen.text().contains("tried"), "the list is gone");
    seen.line("192.168.7.20:41334 → 192.0.2.39:443/tcp");
    seen.press(KeyCode::Esc);
    seen.line("tried");
}

#[test]
fn a_filter_filters_as_it_is_typed() {
    let mut seen = seen();
    seen.keys("/status:failing client:192.168.7.20");
    seen.line("albert");
    assert!(!seen.text().contains("✗ failing   mesu"));
    seen.line("2 shown");
    seen.press(KeyCode::Enter);
    seen.line("/status:failing client:192.168.7.20 (2 shown, Esc shows all)");
    seen.press(KeyCode::Esc);
    seen.line("✗ failing   mesu");
}

#[test]
fn a_port_is_one_that_was_tried() {
    let mut seen = seen();
    seen.keys("/port:5223 -status:not-seen -cause:dns");
    seen.line("1 shown");
    seen.line("~ degraded  *.push.apple.com");
}

#[test]
fn a_wrong_filter_is_told_and_the_last_right_one_holds() {
    let mut seen = seen();
    seen.keys("/port:443x");
    seen.line("port: 443x is no port");
    assert!(!seen.text().contains("captive.apple.com:80"));
    seen.press(KeyCode::Backspace);
    seen.line("/port:443   ");
    seen.press(KeyCode::Esc);
    seen.line("✗ failing   albert");
    seen.keys("/colour:red");
    seen.press(KeyCode::Enter);
    seen.line("that was no filter: everything is shown");
}

#[test]
fn a_dropped_filter_leaves_the_one_before() {
    let mut seen = seen();
    seen.keys("/host:gs.apple");
    seen.press(KeyCode::Enter);
    seen.keys("/ port:5223");
    seen.line("nothing is like the filter");
    seen.press(KeyCode::Esc);
    seen.line("gs.apple.com:443/tcp");
    seen.line("/host:gs.apple (1 shown");
}

#[test]
fn only_what_fails_is_left_with_f() {
    let mut seen = seen();
    seen.keys("f");
    assert!(!seen.text().contains("✓ ok  "));
    seen.line("~ degraded");
    seen.press(KeyCode::Tab);
    assert!(!seen.text().contains("✓ succeeded"));
    seen.keys("f");
    seen.line("✓ succeeded");
}

#[test]
fn rows_that_fail_are_gone_through_with_n() {
    let mut seen = seen();
    let mut met = Vec::new();
    for _ in 0..4 {
        seen.keys("n");
        met.push(seen.selected().chars().skip(12).take(6).collect::<String>());
    }
    assert_eq!(met, ["gs.app", "mesu.a", "*.push", "albert"]);
    seen.keys("N");
    assert!(seen.selected().contains("*.push"));
    seen.press(KeyCode::Tab);
    seen.press(KeyCode::Tab);
    seen.press(KeyCode::Tab);
    seen.keys("n");
    seen.line("nothing here fails");
}

#[test]
fn rows_are_sorted_another_way_with_s() {
    let mut seen = seen();
    let mut first = Vec::new();
    for word in ["worst", "newest", "name", "client", "worst"] {
        seen.line(&format!("sort: {word}"));
        first.push(seen.lines()[usize::from(seen.row("connection")) + 1].clone());
        seen.keys("s");
    }
    assert!(first[0].starts_with("✗ failing   albert"));
    assert!(first[1].contains("time.apple.com"), "{first:?}");
    assert!(first[2].contains("*."), "{first:?}");
    assert!(first[3].contains("192.168.7.20"), "{first:?}");
    assert_eq!(first[4], first[0]);
}

#[test]
fn a_held_screen_stands_still_and_says_how_old_it_is() {
    let mut seen = seen();
    seen.keys("p");
    let mut next = outage();
    next.number = 2;
    next.now = next.now.after(Duration::from_secs(75));
    next.summary.requirements.clear();
    seen.show(next);
    seen.line("PAUSED, 75 s old");
    seen.line("✗ failing   albert");
    seen.keys("p");
    assert!(!seen.text().contains("PAUSED"));
    assert!(!seen.text().contains("albert"));
}

#[test]
fn the_newest_failure_is_followed_with_capital_f() {
    let mut seen = seen();
    seen.press(KeyCode::Tab);
    seen.keys("F");
    seen.line("following");
    let mut next = outage();
    next.number = 2;
    let mut flow = next.summary.flows[0].clone();
    flow.outcome = Outcome::Reset;
    flow.first = next.now;
    flow.evidence.clear();
    flow.server.port = 4444;
    next.summary.flows.push(flow);
    seen.show(next);
    assert!(seen.selected().contains(":4444"), "{}", seen.text());
    seen.press(KeyCode::Down);
    assert!(!seen.text().contains("following"));
}

#[test]
fn the_flows_and_questions_of_a_row_are_written_with_w() {
    let mut seen = seen();
    let summary = summary("itunes-failure.pcapng");
    let questions = |name: &str| -> Vec<Question> {
        let questions = summary.dns.iter();
        let questions = questions.filter(|question| question.name == name);
        questions.map(Question::of).collect()
    };
    let row = summary
        .requirements
        .iter()
        .find(|row| row.pattern == "albert.apple.com");
    let flows = row.unwrap().flows.clone();
    assert_eq!(flows.len(), 3);
    let write = |flows: Vec<String>, questions: Vec<Question>| {
        let selection = Selection { flows, questions };
        let path = None;
        Effect::Ask(Command::Write { selection, path })
    };
    seen.keys("w");
    let albert = write(flows, questions("albert.apple.com"));
    assert_eq!(seen.effects, [albert]);
    // Nothing but DNS failed here: there is no flow.
    seen.keys("jjw");
    let failed = questions("mesu.apple.com");
    assert!(!failed.is_empty());
    assert_eq!(seen.effects[1..], [write(Vec::new(), failed)]);
    seen.line("asked for these packets to be written");
}

#[test]
fn a_question_is_written_with_w() {
    let mut seen = seen();
    seen.press(KeyCode::Tab);
    seen.press(KeyCode::Tab);
    seen.keys("w");
    let [Effect::Ask(Command::Write { selection, .. })] = seen.effects.as_slice() else {
        panic!("{:?}", seen.effects);
    };
    assert!(selection.flows.is_empty());
    assert_eq!(selection.questions.len(), 1);
    assert!(seen.selected().contains(&selection.questions[0].name));
}

#[test]
fn what_the_run_answers_takes_the_place_of_what_was_asked() {
    let mut seen = seen();
    seen.keys("w");
    seen.line("asked for these packets to be written");
    let mut next = outage();
    next.number = 2;
    next.health.messages.push(Message {
        at: next.now,
        text: "wrote evidence.pcapng".to_owned(),
        trouble: false,
    });
    seen.show(next);
    seen.line("10:37:17 wrote evidence.pcapng");
    assert!(!seen.text().contains("asked for"));
}

#[test]
fn the_wireshark_filter_is_copied_with_y() {
    let mut seen = seen();
    seen.keys("y");
    let filter =
        "ip.addr == 192.168.7.20 && ip.addr == 192.0.2.39 && tcp.port == 34338 && tcp.port == 443";
    assert_eq!(seen.effects, [Effect::Copy(filter.to_owned())]);
    seen.keys("jjy");
    let filter = "dns && ip.addr == 192.168.7.21 && ip.addr == 192.168.7.1 && lower(dns.qry.name) == \"mesu.apple.com\"";
    assert_eq!(seen.effects[1], Effect::Copy(filter.to_owned()));
}

#[test]
fn q_and_control_c_quit_from_wherever_one_is() {
    let control_c = || Event::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
    for before in ["", "?", "/"] {
        let mut seen = seen();
        seen.keys(before);
        seen.take(control_c());
        assert_eq!(seen.effects, [Effect::Quit], "after {before:?}");
    }
    let mut seen = seen();
    seen.keys("/q");
    assert_eq!(seen.effects, []);
    seen.press(KeyCode::Esc);
    seen.keys("q");
    assert_eq!(seen.effects, [Effect::Quit]);
}

#[test]
fn help_is_opened_and_left() {
    let mut seen = seen();
    seen.keys("?");
    seen.line("this help");
    for key in [KeyCode::Char('?'), KeyCode::Esc, KeyCode::Enter] {
        seen.press(key);
        assert!(!seen.text().contains("this help"));
        seen.keys("?");
    }
    seen.resize(60, 15);
    seen.press(KeyCode::End);
    seen.line("█ failed");
}

fn second(offset: u64) -> Timestamp {
    let first = summary("itunes-failure.pcapng").captures[0].first.unwrap();
    first.after(Duration::from_secs(offset))
}

/// A replay that stands at this second, with failures at these.
fn at(offset: u64, failures: &[u64]) -> Picture {
    let mut picture = replayed(outage());
    picture.now = second(offset);
    let playback = picture.playback.as_mut().unwrap();
    playback.first = second(0);
    playback.last = second(60);
    playback.failures = failures.iter().map(|offset| second(*offset)).collect();
    picture
}

fn asked(seen: &Seen) -> Vec<Command> {
    let asked = seen.effects.iter().map(|effect| match effect {
        Effect::Ask(command) => command.clone(),
        other => panic!("{other:?}"),
    });
    asked.collect()
}

#[test]
fn a_replay_is_played_and_its_speed_set() {
    let mut seen = replaying();
    seen.line("▶ 10×");
    seen.keys(" +-");
    let expected = [
        Command::Pause(true),
        Command::Speed(Speed::Max),
        Command::Speed(Speed::Times(1)),
    ];
    assert_eq!(asked(&seen), expected);
    let mut next = replayed(outage());
    next.number = 2;
    let playback = next.playback.as_mut().unwrap();
    playback.paused = true;
    playback.speed = Speed::Max;
    seen.show(next);
    seen.line("‖ max");
    seen.effects.clear();
    seen.keys(" -");
    let expected = [Command::Pause(false), Command::Speed(Speed::Times(10))];
    assert_eq!(asked(&seen), expected);
}

#[test]
fn steps_in_time_add_up_and_end_at_the_ends() {
    let mut seen = Seen::new(at(30, &[]), (100, 30));
    seen.press(KeyCode::Right);
    seen.press(KeyCode::Right);
    seen.press(KeyCode::Left);
    let expected = [32, 34, 32].map(|offset| Command::Seek(second(offset)));
    assert_eq!(asked(&seen), expected);
    let mut seen = Seen::new(at(59, &[]), (100, 30));
    seen.press(KeyCode::Right);
    assert_eq!(asked(&seen), [Command::Seek(second(60))]);
}

#[test]
fn failures_are_gone_to_with_brackets() {
    let mut seen = Seen::new(at(30, &[10, 20, 30, 45]), (100, 30));
    seen.keys("]");
    seen.keys("[");
    let expected = [45, 30].map(|offset| Command::Seek(second(offset)));
    assert_eq!(asked(&seen), expected);
    seen.keys("[[[");
    let expected = [45, 30, 20, 10].map(|offset| Command::Seek(second(offset)));
    assert_eq!(asked(&seen), expected);
    seen.line("no failure there");
    assert_eq!(seen.line("▶ 10×").matches('✗').count(), 4);
}

#[test]
fn a_click_on_the_timeline_goes_there() {
    let mut seen = Seen::new(at(30, &[]), (100, 30));
    let row = seen.row("▶ 10×");
    let line = seen.line("▶ 10×");
    let bar: Vec<u16> = line
        .chars()
        .enumerate()
        .filter(|(_, cell)| "━●─".contains(*cell))
        .map(|(at, _)| u16::try_from(at).unwrap())
        .collect();
    seen.click(bar[0], row);
    seen.click(*bar.last().unwrap(), row);
    let [Command::Seek(first), Command::Seek(last)] = asked(&seen)[..] else {
        panic!("{:?}", seen.effects);
    };
    assert_eq!(first, second(0));
    assert!(second(60).since(last) < Duration::from_micros(1));
}

#[test]
fn keys_of_a_replay_do_nothing_live() {
    let mut seen = seen();
    seen.keys(" +-[]=");
    seen.press(KeyCode::Left);
    seen.press(KeyCode::Right);
    assert_eq!(seen.effects, []);
}

#[test]
fn a_click_selects_and_a_second_one_opens() {
    let mut seen = seen();
    let row = seen.row("✗ failing   mesu");
    seen.click(30, row);
    assert!(seen.selected().contains("mesu"));
    seen.click(30, row);
    seen.line("Esc back");
    let tabs = seen.row(" Flows ");
    let column = seen.line(" Flows ").find("Flows").unwrap();
    seen.click(u16::try_from(column).unwrap(), tabs);
    seen.line("server");
}

#[test]
fn the_wheel_scrolls_what_it_is_above() {
    let mut seen = Seen::new(outage(), (80, 24));
    let list = seen.row("✗ failing   mesu");
    seen.mouse(MouseEventKind::ScrollDown, 10, list);
    assert!(seen.selected().starts_with("~ degraded"));
    seen.mouse(MouseEventKind::ScrollUp, 10, list);
    assert!(seen.selected().contains("albert"));
    let why = seen.row("WHY");
    seen.mouse(MouseEventKind::ScrollDown, 10, why);
    assert!(!seen.text().contains("WHY"));
    for _ in 0..9 {
        seen.mouse(MouseEventKind::ScrollDown, 10, why);
    }
    seen.line("192.168.7.20:41334");
    seen.mouse(MouseEventKind::ScrollUp, 10, why);
    seen.press(KeyCode::Down);
    seen.line("WHY");
}
