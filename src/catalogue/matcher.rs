//! All patterns of a catalogue, compiled once: which of them cover a name, without allocating.
//!
//! Input: the patterns in catalogue order. Output: for a raw host name, every pattern that covers it, least specific
//! first. A hash table is keyed by suffix; a look-up walks the name from its last label to its first and hashes each
//! byte once, so its cost is bounded by a name's 253 bytes, whatever the wire says and however many patterns there
//! are. The table holds the catalogue alone: nothing on the wire can crowd it, a plain hash (FNV-1a) is enough.

use hashbrown::HashTable;

use super::RequirementId;
use super::name;
use super::pattern::{Pattern, Shape};

/// Offset basis of the 64-bit FNV-1a hash.
const HASH_START: u64 = 0xcbf2_9ce4_8422_2325;
/// Its prime.
const HASH_PRIME: u64 = 0x0000_0100_0000_01b3;

/// One step of the hash; bytes are fed from the end of the name, lower-cased.
fn hash_step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(HASH_PRIME)
}

fn hash_suffix(suffix: &[u8]) -> u64 {
    suffix
        .iter()
        .rev()
        .fold(HASH_START, |hash, &byte| hash_step(hash, byte))
}

/// The patterns that share one suffix.
#[derive(Clone, Debug)]
struct Node {
    suffix: Box<str>,
    /// The pattern that is the suffix itself.
    exact: Option<RequirementId>,
    /// `*.suffix`.
    any_depth: Option<RequirementId>,
    /// `prefix*.suffix`, shortest prefix first.
    one_label: Vec<(Box<str>, RequirementId)>,
}

/// The compiled patterns.
#[derive(Clone, Debug, Default)]
pub(super) struct Matcher {
    nodes: HashTable<Node>,
}

impl Matcher {
    /// Compiles patterns that differ from one another; of equal ones the last counts.
    pub(super) fn compile<'a>(
        patterns: impl Iterator<Item = (RequirementId, &'a Pattern)>,
    ) -> Self {
        let mut nodes: HashTable<Node> = HashTable::new();
        for (id, pattern) in patterns {
            let suffix = pattern.suffix();
            let node = nodes
                .entry(
                    hash_suffix(suffix.as_bytes()),
                    |node| *node.suffix == *suffix,
                    |node| hash_suffix(node.suffix.as_bytes()),
                )
                .or_insert_with(|| Node {
                    suffix: suffix.into(),
                    exact: None,
                    any_depth: None,
                    one_label: Vec::new(),
                })
                .into_mut();
            match pattern.shape() {
                Shape::Exact => node.exact = Some(id),
                Shape::AnyDepth => node.any_depth = Some(id),
                Shape::OneLabel(prefix) => {
                    node.one_label.retain(|(other, _)| other != prefix);
                    node.one_label.push((prefix.clone(), id));
                    node.one_label.sort_by_key(|(prefix, _)| prefix.len());
                }
            }
        }
        Self { nodes }
    }

    /// Shows every pattern that covers the name (raw bytes, any case, one trailing dot allowed), least specific first.
    ///
    /// The order falls out of the walk: suffixes grow, `*.x` comes before `gg*.x`, and the whole name is last.
    pub(super) fn visit(&self, host: &[u8], mut found: impl FnMut(RequirementId)) {
        let Some(host) = name::host(host) else { return };
        let mut hash = HASH_START;
        for (at, &byte) in host.iter().enumerate().rev() {
            if byte == b'.'
                && let Some(suffix) = host.get(at + 1..)
                && let Some(node) = self.node(hash, suffix)
            {
                if let Some(id) = node.any_depth {
                    found(id);
                }
                let above = host.get(..at).unwrap_or_default();
                if !node.one_label.is_empty() && !above.contains(&b'.') {
                    for (prefix, id) in &node.one_label {
                        if name::starts_with_ignore_case(above, prefix.as_bytes()) {
                            found(*id);
                        }
                    }
                }
            }
            hash = hash_step(hash, byte);
        }
        if let Some(id) = self.node(hash, host).and_then(|node| node.exact) {
            found(id);
        }
    }

    fn node(&self, hash: u64, suffix: &[u8]) -> Option<&Node> {
        self.nodes.find(hash, |node| {
            node.suffix.as_bytes().eq_ignore_ascii_case(suffix)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Few labels, so that random names and random patterns meet often.
    fn label() -> impl Strategy<Value = String> {
        prop::sample::select(vec![
            "a", "g", "gg", "gg2", "ggs", "apple", "com", "x-1", "_t",
        ])
        .prop_map(str::to_owned)
    }

    fn host_name() -> impl Strategy<Value = String> {
        prop::collection::vec(label(), 1..6).prop_map(|labels| labels.join("."))
    }

    fn pattern_text() -> impl Strategy<Value = String> {
        let stem = prop::collection::vec(label(), 2..4).prop_map(|labels| labels.join("."));
        (
            prop::sample::select(vec!["", "*.", "g*.", "gg*.", "a*."]),
            stem,
        )
            .prop_map(|(start, stem)| format!("{start}{stem}"))
    }

    /// The same question, asked of each pattern in turn.
    fn naive(patterns: &[Pattern], host: &[u8]) -> Vec<RequirementId> {
        let mut covering: Vec<(usize, &Pattern)> = patterns
            .iter()
            .enumerate()
            .filter(|(_, pattern)| pattern.covers(host))
            .collect();
        covering.sort_by(|(_, a), (_, b)| b.cmp_specific_first(a));
        covering
            .iter()
            .map(|(at, _)| RequirementId(u16::try_from(*at).unwrap()))
            .collect()
    }

    fn compile(patterns: &[Pattern]) -> Matcher {
        Matcher::compile(
            patterns
                .iter()
                .enumerate()
                .map(|(at, pattern)| (RequirementId(u16::try_from(at).unwrap()), pattern)),
        )
    }

    fn visited(matcher: &Matcher, host: &[u8]) -> Vec<RequirementId> {
        let mut ids = Vec::new();
        matcher.visit(host, |id| ids.push(id));
        ids
    }

    proptest! {
        #[test]
        fn agrees_with_the_plain_definition(
            texts in prop::collection::btree_set(pattern_text(), 0..24),
            host in host_name(),
            shout in any::<bool>(),
            dot in any::<bool>(),
        ) {
            let patterns: Vec<Pattern> = texts.iter().map(|text| Pattern::parse(text).unwrap()).collect();
            let mut host = if shout { host.to_uppercase() } else { host };
            if dot {
                host.push('.');
            }
            prop_assert_eq!(visited(&compile(&patterns), host.as_bytes()), naive(&patterns, host.as_bytes()));
        }

        #[test]
        fn agrees_on_arbitrary_bytes(texts in prop::collection::btree_set(pattern_text(), 0..24), host in prop::collection::vec(any::<u8>(), 0..300)) {
            let patterns: Vec<Pattern> = texts.iter().map(|text| Pattern::parse(text).unwrap()).collect();
            prop_assert_eq!(visited(&compile(&patterns), &host), naive(&patterns, &host));
        }

        #[test]
        fn agrees_on_names_with_one_byte_spoilt(host in host_name(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let patterns: Vec<Pattern> =
                ["*.apple.com", "gg*.apple.com", "g*.apple.com", "gg.apple.com", "*.com.com"].iter().map(|text| Pattern::parse(text).unwrap()).collect();
            let mut host = [host.as_bytes(), b".apple.com"].concat();
            let at = at.index(host.len());
            host[at] = byte;
            prop_assert_eq!(visited(&compile(&patterns), &host), naive(&patterns, &host));
        }
    }

    #[test]
    fn the_name_itself_comes_last() {
        let patterns: Vec<Pattern> = [
            "gg.apple.com",
            "*.com.com",
            "*.apple.com",
            "g*.apple.com",
            "gg*.apple.com",
        ]
        .iter()
        .map(|text| Pattern::parse(text).unwrap())
        .collect();
        let order: Vec<u16> = visited(&compile(&patterns), b"Gg.Apple.Com.")
            .iter()
            .map(|id| id.0)
            .collect();
        assert_eq!(order, [2, 3, 4, 0]);
    }
}
