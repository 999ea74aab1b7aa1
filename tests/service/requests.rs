//! Whatever a stranger sends is answered, refused or waited for, and not for ever.

use proptest::collection::vec;
use proptest::prelude::*;
use windfall::service::http::{Answer, Asked, MAX_HEAD_BYTES, read};

proptest! {
    #[test]
    fn any_bytes_come_to_something(bytes in vec(any::<u8>(), 0..2 * MAX_HEAD_BYTES)) {
        judged(&bytes);
    }

    #[test]
    fn so_do_heads_that_are_nearly_right(
        method in "GET|HEAD|POST|[A-Z]{0,9}",
        path in "/(metrics|healthz)?[ -~]{0,40}",
        fields in vec("[A-Za-z-]{1,12}: ?[\\PC]{0,200}\r\n", 0..80),
        end in "(\r\n)?",
    ) {
        let head = format!("{method} {path} HTTP/1.1\r\n{}{end}", fields.concat());
        judged(head.as_bytes());
    }
}

/// Waits for more only while there may be more; a refusal is a whole answer.
fn judged(bytes: &[u8]) {
    match read(bytes) {
        Asked::More => assert!(bytes.len() < MAX_HEAD_BYTES),
        Asked::For { .. } => {}
        Asked::Refused(status) => {
            let answer = Answer::refusal(status).bytes(false);
            assert!(answer.starts_with(b"HTTP/1.1 4"));
        }
    }
}
