//! What an end sends: new data as far as the window allows, old data when it is missed, probes and keep-alives.

use super::{Endpoint, FLIGHT, Gone, MAX_TIMEOUTS, Nanos, Segment, low};
use crate::support::tcp::{ACK, FIN, From, MSS, PSH, SYN};

impl Endpoint {
    /// The position after everything written: SYN, data, FIN.
    pub(super) fn end(&self) -> u64 {
        1 + self.buffer.len() as u64 + u64::from(self.closed)
    }

    pub(super) fn send(&mut self, now: Nanos) {
        if !self.is_open() || self.gone.is_some() {
            return;
        }
        let limit = self.unacked + self.peer_window.min(FLIGHT * MSS as u64);
        while self.next < self.end() && (self.next < limit || self.next == self.fin_position()) {
            self.transmit_up_to(now, self.next, limit);
        }
        // Nothing under way to wait for, and the window is closed: probe it.
        if self.unacked == self.next && self.next < self.end() {
            self.resend_at
                .get_or_insert(now + (self.habits.timeout << self.timeouts));
        }
    }

    pub(super) fn fin_position(&self) -> u64 {
        if self.closed {
            1 + self.buffer.len() as u64
        } else {
            u64::MAX
        }
    }

    pub(super) fn transmit(&mut self, now: Nanos, at: u64) {
        self.transmit_up_to(now, at, u64::MAX);
    }

    /// Sends the segment that begins at this position, for the first time or again.
    pub(super) fn transmit_up_to(&mut self, now: Nanos, at: u64, limit: u64) {
        let again = at < self.highest;
        let end = if at == 0 {
            self.transmit_syn(again)
        } else {
            let from = usize::try_from(at - 1).unwrap();
            let room = usize::try_from(limit.saturating_sub(at)).unwrap_or(usize::MAX);
            let to = self.buffer.len().min(from + MSS.min(room));
            let payload = self.buffer[from.min(to)..to].to_vec();
            let mut end = at + payload.len() as u64;
            let mut flags = ACK;
            if to == self.buffer.len() && !payload.is_empty() {
                flags |= PSH;
            }
            if end == self.fin_position() {
                flags |= FIN;
                end += 1;
            }
            self.emit(flags, at, &[], &payload);
            end
        };
        self.next = self.next.max(end);
        self.highest = self.highest.max(end);
        self.resend_at
            .get_or_insert(now + (self.habits.timeout << self.timeouts));
    }

    pub(super) fn transmit_syn(&mut self, again: bool) -> u64 {
        let mut options = vec![2, 4, 0x05, 0xa8];
        if self.habits.sack {
            options.extend([4, 2, 1, 1]);
        }
        let (flags, key): (u8, &[u8]) = match self.side {
            From::Client => (SYN, &[30, 4, 0x01, 0x81]),
            From::Server => (SYN | ACK, &[30, 12, 0x01, 0x81, 1, 2, 3, 4, 5, 6, 7, 8]),
        };
        if self.habits.multipath && !again {
            options.extend(key);
        }
        let with_data = self.side == From::Client && self.habits.fast_open && !again;
        let size = if with_data {
            self.buffer.len().min(MSS)
        } else {
            0
        };
        let payload = self.buffer[..size].to_vec();
        self.emit(flags, 0, &options, &payload);
        1 + size as u64
    }

    pub(super) fn emit(&mut self, flags: u8, at: u64, options: &[u8], payload: &[u8]) {
        let ack = self.peer_isn.unwrap_or(0).wrapping_add(low(self.expected));
        self.out.push(Segment {
            from: self.side,
            flags,
            seq: self.habits.isn.wrapping_add(low(at)),
            ack: if flags & ACK == 0 { 0 } else { ack },
            window: self.window(),
            options: options.to_vec(),
            payload: payload.to_vec(),
            forged: false,
        });
        if flags & ACK != 0 {
            self.owes_ack = 0;
            self.ack_at = None;
        }
    }

    pub(super) fn stay_alive(&mut self, now: Nanos) {
        let Some((idle, with_byte)) = self.habits.keep_alive else {
            return;
        };
        self.alive_at = Some(now + idle);
        if self.unacked == self.next && self.is_open() {
            self.emit(ACK, self.next - 1, &[], if with_byte { &[0] } else { &[] });
        }
    }

    pub(super) fn resend(&mut self, now: Nanos) {
        self.resend_at = None;
        if self.unacked == self.next && self.next == self.end() {
            return;
        }
        let probing = self.peer_window == 0 && self.is_open();
        if self.timeouts >= MAX_TIMEOUTS && !probing {
            self.gone = Some(Gone::GaveUp);
            return;
        }
        self.timeouts = (self.timeouts + 1).min(MAX_TIMEOUTS);
        if probing && self.unacked == self.next {
            // A window probe: an old number, which must be answered (RFC 9293 section 3.8.6.1 leaves the form open).
            self.emit(ACK, self.next - 1, &[], &[]);
            self.resend_at = Some(now + (self.habits.timeout << self.timeouts));
            return;
        }
        self.recover = self.next;
        self.transmit(now, self.unacked);
    }
}
