//! Where a value stands in a record: `/actor/id`, `/target/[type=Token]/id`, and `./id` inside an element.

use super::outline::Outline;

/// The path to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// It starts at the element of the event's `for-each`, not at the record.
    pub is_inner: bool,
    /// The steps from there; none for the record or the element itself.
    pub steps: Vec<Step>,
}

/// One step into a value. A text on the way is read as the JSON that it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The member of an object, the column of a row, or the element of a list with this number.
    Key(Box<str>),
    /// The first element of a list of which the member `key` is the text `value`.
    Pick {
        /// The member.
        key: Box<str>,
        /// Its text.
        value: Box<str>,
    },
}

impl Pointer {
    /// Whether a text is meant as a pointer.
    pub(super) fn is_meant(text: &str) -> bool {
        text.starts_with('/') || text == "." || text.starts_with("./")
    }

    /// Reads `/a/b`, with `~1` for a slash and `~0` for a tilde inside a name, or `./b`. `Err` says what is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (is_inner, rest) = match text.strip_prefix('.') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if rest.is_empty() && is_inner {
            return Ok(Self { is_inner, steps: Vec::new() });
        }
        let Some(rest) = rest.strip_prefix('/') else {
            return Err("a pointer begins with `/`, inside an element with `./`".to_owned());
        };
        Ok(Self { is_inner, steps: split(rest).into_iter().map(step).collect::<Result<_, _>>()? })
    }

    /// Notes in `outline` what must be read of a record for this pointer. `each` leads to the elements.
    pub(super) fn note_in(&self, outline: &mut Outline, each: Option<&Self>) {
        match each.filter(|_| self.is_inner) {
            Some(each) => outline.below(&each.steps).element().add(&self.steps),
            None => outline.add(&self.steps),
        }
    }
}

/// Parts at slashes, but not at those inside `[key=value]`.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut is_in_pick) = (Vec::new(), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' if at == start => is_in_pick = true,
            b']' => is_in_pick = false,
            b'/' if !is_in_pick => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

fn step(part: &str) -> Result<Step, String> {
    if part.is_empty() {
        return Err("an empty step: two slashes in a row, or one at the end".to_owned());
    }
    let Some(pick) = part.strip_prefix('[') else {
        return Ok(Step::Key(part.replace("~1", "/").replace("~0", "~").into()));
    };
    match pick.strip_suffix(']').and_then(|pick| pick.split_once('=')) {
        Some((key, value)) if !key.is_empty() => Ok(Step::Pick { key: key.into(), value: value.into() }),
        _ => Err("an element of a list is picked by `[key=value]`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Step {
        Step::Key(name.into())
    }

    #[test]
    fn steps_are_keys_and_picks() {
        let pointer = Pointer::parse("/target/[type=a/b]/x~1y").expect("valid");
        let pick = Step::Pick { key: "type".into(), value: "a/b".into() };
        assert_eq!(pointer, Pointer { is_inner: false, steps: vec![key("target"), pick, key("x/y")] });
        assert_eq!(Pointer::parse("./id").expect("valid"), Pointer { is_inner: true, steps: vec![key("id")] });
        assert!(Pointer::parse(".").expect("valid").steps.is_empty());
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        for text in ["/a//b", "/a/", "/", "/[type]", "/[=x]", "./"] {
            assert!(Pointer::parse(text).is_err(), "{text}");
        }
    }
}
