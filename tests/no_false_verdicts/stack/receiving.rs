//! What an end does with what arrives: acknowledgments, data in any order, SYNs and RSTs.

use super::{Endpoint, Gone, Nanos, Segment, low};
use crate::support::tcp::{ACK, FIN, From, MSS, RST, SYN};

impl Endpoint {
    /// Free buffer; less than a segment counts as none (RFC 9293 section 3.8.6.2.2).
    pub(super) fn window(&self) -> u16 {
        let free = usize::from(self.habits.buffer).saturating_sub(self.unread);
        if free < MSS {
            0
        } else {
            u16::try_from(free).unwrap()
        }
    }

    pub(crate) fn arrive(&mut self, now: Nanos, segment: &Segment) {
        if self.gone.is_some() {
            return self.arrive_at_nobody(segment);
        }
        if segment.flags & RST != 0 {
            return self.arrive_reset(segment);
        }
        if segment.flags & SYN != 0 {
            self.arrive_syn(now, segment);
            if self.side == From::Server {
                return;
            }
        }
        let Some(peer_isn) = self.peer_isn else {
            return;
        };
        if let Some((idle, _)) = self.habits.keep_alive {
            self.alive_at = Some(now + idle);
        }
        if segment.flags & ACK != 0 {
            self.take_ack(now, segment);
        }
        let at = i64::from(segment.seq.wrapping_sub(peer_isn).cast_signed())
            + i64::from(segment.flags & SYN != 0);
        self.take_payload(now, u64::try_from(at).unwrap_or(0), segment);
        self.send(now);
    }

    /// A stray segment is answered by a RST (RFC 9293 section 3.10.7.1); an end that gave up is simply off.
    pub(super) fn arrive_at_nobody(&mut self, segment: &Segment) {
        if self.gone != Some(Gone::Reset) || segment.flags & RST != 0 {
            return;
        }
        let at = segment.ack.wrapping_sub(self.habits.isn);
        self.emit(RST, u64::from(at), &[], &[]);
        self.sent_reset = true;
    }

    /// RFC 5961 section 3: only a RST at the expected number is obeyed, another one in the window is challenged.
    pub(super) fn arrive_reset(&mut self, segment: &Segment) {
        let Some(peer_isn) = self.peer_isn else {
            let refuses = segment.ack == self.habits.isn.wrapping_add(low(self.next));
            if self.opened && refuses {
                self.gone = Some(Gone::Reset);
            }
            return;
        };
        let ahead = segment
            .seq
            .wrapping_sub(peer_isn.wrapping_add(low(self.expected)));
        if ahead == 0 {
            self.gone = Some(Gone::Reset);
        } else if ahead < u32::from(self.window()) {
            self.acknowledge();
        }
    }

    pub(super) fn arrive_syn(&mut self, now: Nanos, segment: &Segment) {
        if self.peer_isn.is_some() {
            // Again: the answer was lost.
            return if self.side == From::Server && self.unacked == 0 {
                self.transmit(now, 0);
            } else {
                self.acknowledge();
            };
        }
        self.peer_isn = Some(segment.seq);
        self.expected = 1;
        self.peer_window = u64::from(segment.window);
        if self.side == From::Server {
            self.take_payload(now, 1, segment);
            self.opened = true;
            self.transmit(now, 0);
        } else {
            self.owes_ack = 2;
        }
    }

    pub(super) fn take_ack(&mut self, now: Nanos, segment: &Segment) {
        let ack = u64::from(segment.ack.wrapping_sub(self.habits.isn));
        if ack > self.highest {
            return;
        }
        self.peer_window = u64::from(segment.window);
        if ack > self.unacked {
            self.unacked = ack;
            self.next = self.next.max(ack);
            self.timeouts = 0;
            self.repeated_acks = 0;
            self.resend_at = (self.unacked < self.next).then_some(now + self.habits.timeout);
            if self.unacked < self.recover {
                self.transmit(now, self.unacked);
            }
        } else if segment.payload.is_empty() && self.unacked < self.next && ack == self.unacked {
            self.repeated_acks += 1;
            if self.repeated_acks == 3 && self.unacked >= self.recover && self.unacked > 0 {
                self.recover = self.next;
                self.transmit(now, self.unacked);
            }
        }
    }

    pub(super) fn take_payload(&mut self, now: Nanos, at: u64, segment: &Segment) {
        let end = at + segment.payload.len() as u64;
        if segment.flags & FIN != 0 {
            self.peer_fin = Some(end);
        }
        let occupies = segment.payload.len() + usize::from(segment.flags & FIN != 0);
        let in_order = at == self.expected;
        if !segment.payload.is_empty() && end > self.expected {
            let room = self.window() > 0 || self.unread == 0;
            if room {
                self.early.insert(at, segment.payload.clone());
            }
        }
        let before = self.expected;
        self.take_in_order();
        if self.peer_fin == Some(self.expected) {
            self.expected += 1;
        }
        if occupies == 0 {
            // A keep-alive of no bytes lies before what is expected: it asks for an acknowledgment.
            if at < self.expected && segment.flags & SYN == 0 {
                self.owes_ack = 2;
            }
        } else if in_order && self.expected > before && self.early.is_empty() {
            self.owes_ack += 1;
        } else {
            self.owes_ack = 2;
        }
        if self.owes_ack >= 2 || (self.owes_ack == 1 && self.habits.delayed_ack == 0) {
            if self.opened {
                self.acknowledge();
            }
        } else if self.owes_ack == 1 {
            self.ack_at.get_or_insert(now + self.habits.delayed_ack);
        }
    }

    /// Moves what is due from the reassembly queue to the program.
    pub(super) fn take_in_order(&mut self) {
        while let Some((&at, _)) = self.early.first_key_value() {
            if at > self.expected {
                break;
            }
            let bytes = self.early.remove(&at).unwrap_or_default();
            let end = at + bytes.len() as u64;
            let new = usize::try_from(end.saturating_sub(self.expected)).unwrap();
            self.expected = self.expected.max(end);
            self.received += new;
            if !self.reading {
                self.unread += new;
            }
        }
    }

    pub(super) fn acknowledge(&mut self) {
        let mut options = Vec::new();
        if self.habits.sack
            && let (Some((&from, _)), Some((&last, bytes))) =
                (self.early.first_key_value(), self.early.last_key_value())
            && last == from
        {
            let isn = self.peer_isn.unwrap_or(0);
            let to = from + bytes.len() as u64;
            options.extend([1, 1, 5, 10]);
            options.extend(isn.wrapping_add(low(from)).to_be_bytes());
            options.extend(isn.wrapping_add(low(to)).to_be_bytes());
        }
        self.emit(ACK, self.next, &options, &[]);
    }
}
