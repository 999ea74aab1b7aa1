//! Whether the server can have heard a request.
//!
//! Input: bytes fed of the client, and how many of them the server had not acknowledged. Output: whether it had none of
//! them. Without word of acknowledgments, everything fed counts as heard. RFC 9293 section 3.4.

/// What the server had of the client's bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heard {
    /// Bytes fed of the client.
    fed: u64,
    /// Bytes of the client are missing from the capture: counting tells nothing.
    gap: bool,
    /// Those of the bytes fed that the server had not acknowledged when last told.
    outstanding: u64,
}

impl Heard {
    /// So many bytes of the client were fed.
    pub(super) fn fed(&mut self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.fed = self.fed.saturating_add(bytes);
    }

    /// Bytes of the client are missing from the capture.
    pub(super) fn gap(&mut self) {
        self.gap = true;
    }

    /// The server had acknowledged all that was fed but for `outstanding` bytes.
    pub(super) fn acknowledge(&mut self, outstanding: u64) {
        self.outstanding = outstanding;
    }

    /// The server had nothing of the client.
    pub(super) fn nothing(self) -> bool {
        !self.gap && self.outstanding >= self.fed
    }
}
