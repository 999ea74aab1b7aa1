//! Capture outlives what happens to an interface, and tells it.

use windfall::capture::batch::Batch;
use windfall::capture::live::{LiveError, LiveOptions, State, What, open, open_when_there};

use crate::namespace::{Sender, inside, ip, wire};
use crate::watched::{Watched, only_ours};

fn batch() -> Batch {
    Batch::with_room(1 << 20, 1000)
}

#[test]
fn an_interface_that_goes_down_and_up_is_captured_on() {
    inside(
        "interface_changes::an_interface_that_goes_down_and_up_is_captured_on",
        || {
            wire();
            let mut watched = Watched::new(&only_ours("far"), batch());
            let sender = Sender::new();
            sender.send([1]);
            watched.until("the first frame", |watched| watched.numbers == [1]);
            ip("link set far down");
            watched.until("the news", |watched| watched.changes == [What::WentDown]);
            assert_eq!(watched.tap.state(), State::Down);
            ip("link set far up");
            let both = [What::WentDown, What::CameBack];
            watched.until("the good news", |watched| watched.changes == both);
            assert_eq!(watched.tap.state(), State::Up);
            sender.send([2]);
            watched.until("the second frame", |watched| watched.numbers == [1, 2]);
            assert_eq!(watched.frames, [1, 2]);
        },
    );
}

#[test]
fn an_interface_that_is_deleted_ends_its_capture_and_says_so() {
    inside(
        "interface_changes::an_interface_that_is_deleted_ends_its_capture_and_says_so",
        || {
            wire();
            let mut watched = Watched::new(&only_ours("far"), batch());
            Sender::new().send([1]);
            watched.until("the frame", |watched| watched.numbers == [1]);
            ip("link del far");
            let mut told = None;
            while told.is_none() {
                told = watched.fill().change;
            }
            let told = told.unwrap();
            assert_eq!(told.what, What::Gone { reattach: false });
            assert!(told.to_string().starts_with("far was deleted"), "{told}");
            assert_eq!(watched.fill().state, State::Ended);
            assert_eq!(watched.tap.tally().info().frames, 1, "what was seen stays");
        },
    );
}

#[test]
fn a_deleted_interface_is_opened_again_when_asked_for() {
    inside(
        "interface_changes::a_deleted_interface_is_opened_again_when_asked_for",
        || {
            wire();
            let options = LiveOptions {
                reattach: true,
                ..only_ours("far")
            };
            let mut watched = Watched::new(&options, batch());
            Sender::new().send([1]);
            watched.until("the first frame", |watched| watched.numbers == [1]);
            ip("link del far");
            let gone = What::Gone { reattach: true };
            watched.until("the news", |watched| watched.changes.contains(&gone));
            assert_eq!(watched.tap.state(), State::Absent);
            wire();
            watched.until("its successor", |watched| {
                watched.changes.last() == Some(&What::Reattached)
            });
            Sender::new().send([2]);
            watched.until("the second frame", |watched| watched.numbers == [1, 2]);
            assert_eq!(watched.frames, [1, 2], "numbers go on");
        },
    );
}

#[test]
fn an_interface_that_is_not_there_yet_is_waited_for() {
    inside(
        "interface_changes::an_interface_that_is_not_there_yet_is_waited_for",
        || {
            let Err(LiveError::Absent { interface, others }) = open(&only_ours("far")) else {
                panic!("far is not there");
            };
            assert_eq!(interface, "far");
            assert!(others.contains(&"lo".to_owned()), "{others:?}");

            let mut said = Vec::new();
            let mut asked = 0;
            let taps = open_when_there(
                &only_ours("far"),
                |line| said.push(line.to_owned()),
                || {
                    asked += 1;
                    if asked == 2 {
                        ip("link add near type veth peer name far");
                    } else if asked == 3 {
                        ip("link set far up");
                    }
                    asked < 100
                },
            );
            assert_eq!(taps.unwrap().len(), 1);
            assert_eq!(said.len(), 2, "{said:?}");
            assert!(said[0].contains("no such interface"), "{said:?}");
            assert!(said[1].contains("is down"), "{said:?}");
        },
    );
}
