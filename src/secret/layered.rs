//! Scans what is encoded in a text like the text itself, and settles who keeps a place that both claim.

use std::ops::Range;

use super::decode::{self, Budget, DEPTH, Layer, Left};
use super::engine::{Engine, Examined, MOST_MATCHES, Match};
use super::place::Places;
use super::trace::{Base, Encoded, LeftAt, Trace};

/// What became of the layers of a text.
#[derive(Default)]
struct Dug {
    /// Something matched in one of them.
    found: bool,
    /// A match was added to those of the text.
    added: bool,
}

impl Engine {
    /// Adds to what was found in a text what its encoded parts hold, of which `base` may tell a part.
    pub(super) fn add_layers(&self, text: &[u8], base: Option<Base<'_>>, examined: &mut Examined) -> Encoded {
        if let Some((encoded, left)) = base.and_then(|base| self.stays_quiet(text, base)) {
            examined.left = left;
            return encoded;
        }
        let mut budget = Budget::of(text.len());
        let mut left = Vec::new();
        let dug = self.dig_noting(text, examined, &mut budget, &mut left);
        if dug.added {
            examined.matches.sort_by_key(|found| (found.range.start, found.range.end));
            let mut places = Places::new(text);
            for found in &mut examined.matches {
                (found.line, found.column) = places.locate(found.range.start);
            }
        }
        examined.left = budget.left;
        Encoded { left: worth_keeping(&dug, &budget, left, text), spent: budget.spent(text.len()) }
    }

    /// What is left as it is in a version of a text, where nothing was found in the encoded parts of that text and
    /// nothing is in those of the version.
    fn stays_quiet(&self, text: &[u8], base: Base<'_>) -> Option<(Encoded, Left)> {
        let known = &base.trace.encoded;
        // Zero bytes can make one stretch of many lines.
        if known.left.is_none() || memchr::memchr(0, text).is_some() {
            return None;
        }
        let mut budget = Budget::of(text.len());
        budget.take(known.spent.saturating_mul(base.most_often()))?;
        let stretches = base.stretches(text);
        let mut left = base.left_outside(&stretches)?;
        let mut sum = left.iter().fold(Left::default(), |mut sum, part| {
            sum.add(part.left);
            sum
        });
        let kept = left.len();
        for stretch in stretches {
            let mut here = Vec::new();
            let start = stretch.start as u32;
            let dug = self.dig_noting(&text[stretch], &mut Examined::default(), &mut budget, &mut here);
            if dug.found || budget.left.beyond_budget > 0 {
                return None;
            }
            left.extend(here.into_iter().map(|part| LeftAt {
                start: part.start + start,
                end: part.end + start,
                ..part
            }));
        }
        if left.len() > kept {
            left.sort_unstable();
        }
        sum.add(budget.left);
        let spent = budget.spent(text.len());
        Some((Encoded { left: worth_keeping(&Dug::default(), &budget, left, text), spent }, sum))
    }

    /// As [`Engine::dig`] at the first depth; where something was left as it is goes to `left`.
    fn dig_noting(&self, text: &[u8], examined: &mut Examined, budget: &mut Budget, left: &mut Vec<LeftAt>) -> Dug {
        let note = |range: Range<usize>, what: Left| LeftAt {
            start: u32::try_from(range.start).unwrap_or(u32::MAX),
            end: u32::try_from(range.end).unwrap_or(u32::MAX),
            left: what,
        };
        let mut dug = Dug::default();
        for layer in decode::layers(text, budget, |range, what| left.push(note(range, what))) {
            let before = budget.left;
            self.dig_layer(text, 1, &layer, examined, budget, &mut dug);
            if budget.left != before {
                left.push(note(layer.outer.clone(), budget.left.since(before)));
            }
        }
        left.sort_unstable();
        dug
    }

    /// Adds the matches of the layers of a text that was itself decoded `depth - 1` times.
    fn dig(&self, text: &[u8], depth: usize, examined: &mut Examined, budget: &mut Budget) -> Dug {
        let mut dug = Dug::default();
        for layer in decode::layers(text, budget, |_, _| {}) {
            self.dig_layer(text, depth, &layer, examined, budget, &mut dug);
        }
        dug
    }

    fn dig_layer(
        &self,
        text: &[u8],
        depth: usize,
        layer: &Layer,
        examined: &mut Examined,
        budget: &mut Budget,
        dug: &mut Dug,
    ) {
        let mut inner = self.examine_plain(&layer.bytes, None, false).0;
        if depth < DEPTH {
            dug.found |= self.dig(&layer.bytes, depth + 1, &mut inner, budget).found;
        } else if decode::is_encoded(&layer.bytes) {
            budget.left.deeper += 1;
        }
        examined.beyond_limit += inner.beyond_limit;
        dug.found |= inner.beyond_limit > 0 || !inner.matches.is_empty();
        for found in inner.matches {
            dug.added |= self.settle(found.out_of(layer, text), examined);
        }
    }

    /// Adds a match of a layer, unless something as narrow was already found in its place; whether it was added.
    fn settle(&self, found: Match, examined: &mut Examined) -> bool {
        let breadth = self.breadth(&found);
        let is_rival = |other: &&Match| overlap(&other.range, &found.range) && !other.is_beside(&found);
        let mut rivals = examined.matches.iter().filter(is_rival).map(|other| self.breadth(other)).peekable();
        let has_rivals = rivals.peek().is_some();
        if rivals.any(|other| other <= breadth) {
            return false;
        }
        if examined.matches.len() >= MOST_MATCHES {
            examined.beyond_limit += 1;
            return false;
        }
        if has_rivals {
            examined.matches.retain(|other| !is_rival(&other));
        }
        examined.matches.push(found);
        true
    }
}

/// The parts of a text that were left as they are, where a version of it can build on them.
fn worth_keeping(dug: &Dug, budget: &Budget, left: Vec<LeftAt>, text: &[u8]) -> Option<Vec<LeftAt>> {
    let carries = !dug.found && budget.left.beyond_budget == 0 && !Trace::is_crowded(text.len(), left.len());
    carries.then_some(left)
}

impl Match {
    /// The match as the text shows it that `layer` is a part of.
    fn out_of(mut self, layer: &Layer, text: &[u8]) -> Self {
        self.range = layer.origin(text, &self.range);
        self.encoded = Some(match self.encoded.take() {
            Some(inner) => format!("{} > {inner}", layer.chain()).into(),
            None => layer.chain().into(),
        });
        self
    }

    /// Whether both lie in one place only because their layer cannot tell their places apart.
    fn is_beside(&self, other: &Self) -> bool {
        self.encoded.is_some() && self.encoded == other.encoded && self.range == other.range && !self.is_same(other)
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    use super::super::{Engine, Match};
    use crate::model::FingerprintKey;
    use crate::rules::secret::SecretRules;

    fn key_id() -> String {
        ["AKIA", "Z7Q4M2XK", "3RTB5WVE"].concat()
    }

    fn scan(text: &str) -> Vec<Match> {
        let rules = SecretRules::embedded().unwrap();
        let engine = Engine::new(&rules, &FingerprintKey::new(b"k".to_vec())).unwrap();
        let mut found = engine.scan(text.as_bytes());
        found.retain(|found| found.set_aside.is_none());
        found
    }

    fn base64(text: impl AsRef<[u8]>) -> String {
        BASE64_STANDARD.encode(text)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn an_encoded_secret_is_found_where_it_is_written() {
        let text = format!("apiVersion: v1\ndata:\n  env: {}\n", base64(format!("region=eu\nkey={} \n", key_id())));
        let found = scan(&text);
        assert_eq!(found.len(), 1);
        assert_eq!((&*found[0].rule, found[0].encoded.as_deref()), ("aws-access-key-id", Some("base64")));
        assert_eq!((found[0].line, found[0].column), (3, 8 + 18), "18 characters say the 14 bytes before the key");
    }

    #[test]
    fn three_layers_are_followed_and_the_fourth_is_counted() {
        let say = |depth: usize| (0..depth).fold(format!("the key is {}", key_id()), |text, _| base64(text));
        let chain = |depth| scan(&say(depth)).first().and_then(|found| found.encoded.clone());
        assert_eq!(chain(3).as_deref(), Some("base64 > base64 > base64"));
        assert_eq!(chain(4), None);
        let rules = SecretRules::embedded().unwrap();
        let engine = Engine::new(&rules, &FingerprintKey::new(b"k".to_vec())).unwrap();
        assert_eq!(engine.examine(say(4).as_bytes()).left.deeper, 1);
    }

    #[test]
    fn two_secrets_in_one_gzip_are_two_matches_at_the_run() {
        let other = ["AKIA", "Q2XK3RTB", "5WVEZ7M4"].concat();
        let text = format!("x: {}", base64(gzip(&format!("a {} \nb {other} \n", key_id()))));
        let found = scan(&text);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|found| found.encoded.as_deref() == Some("base64 > gzip") && found.column == 4));
    }

    #[test]
    fn what_is_found_plain_is_not_found_again_in_a_decoded_line() {
        let text = format!(r#"log: "{{\"id\": \"{}\"}}""#, key_id());
        let found = scan(&text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].encoded, None);
    }

    #[test]
    fn an_escape_inside_a_secret_does_not_hide_it() {
        let (head, tail) = (&key_id()[..9], &key_id()[9..]);
        let text = format!(r#"{{"id": "{head}\u{:04x}{}"}}"#, u32::from(tail.as_bytes()[0]), &tail[1..]);
        let found = scan(&text);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].encoded.as_deref(), found[0].column), (Some("escapes"), 9));
    }

    #[test]
    fn the_same_secret_plain_and_encoded_is_found_in_both_places() {
        let text = format!("{} \n{}\n", key_id(), base64(format!("{} and something more", key_id())));
        assert_eq!(scan(&text).iter().map(|found| found.line).collect::<Vec<_>>(), [1, 2]);
    }
}
