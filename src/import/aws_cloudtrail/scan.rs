//! Reads the fields of a record that matter without looking into the others.
//!
//! Most of a record is of no interest, and most records hold no escapes, no repeated keys and no odd types where it
//! matters. Such a record is read by finding where its values begin and end. Of any other nothing is concluded, and the
//! parser reads it: `tests.rs` proves that both say the same of every JSON. What is damaged inside a value that nobody
//! reads is not noticed here.

use memchr::memchr2;

use super::call::{Attributes, Call, Federation, Person, SessionContext, SessionIssuer, UserIdentity};
use crate::import::lenient::{Maybe, Raw, Text};
use crate::import::quote::first_of;

/// The deepest nesting that the parser accepts.
const MAX_DEPTH: u32 = 100;

/// The record; nothing where the parser must decide.
pub(super) fn call(text: &str) -> Option<Call<'_>> {
    let mut call = Call::default();
    let mut seen = 0_u32;
    let mut fields = Fields::new(text)?;
    while let Some((key, value)) = fields.next()? {
        let (slot, number) = match key {
            "eventTime" => (&mut call.event_time, 0),
            "eventSource" => (&mut call.event_source, 1),
            "eventName" => (&mut call.event_name, 2),
            "eventID" => (&mut call.event_id, 3),
            "eventType" => (&mut call.event_type, 4),
            "eventCategory" => (&mut call.event_category, 5),
            "awsRegion" => (&mut call.aws_region, 6),
            "recipientAccountId" => (&mut call.recipient_account_id, 7),
            "sharedEventID" => (&mut call.shared_event_id, 8),
            "sourceIPAddress" => (&mut call.source_ip_address, 9),
            "userAgent" => (&mut call.user_agent, 10),
            "errorCode" => (&mut call.error_code, 11),
            "userIdentity" => {
                once(&mut seen, 12)?;
                call.user_identity = identity(value)?;
                continue;
            }
            "requestParameters" => {
                once(&mut seen, 13)?;
                call.request_parameters = Raw::of(value);
                continue;
            }
            "responseElements" => {
                once(&mut seen, 14)?;
                call.response_elements = Raw::of(value);
                continue;
            }
            // Records in other wrappings are rare.
            "CloudTrailEvent" | "digestStartTime" => return None,
            _ => continue,
        };
        once(&mut seen, number)?;
        *slot = plain(value)?;
    }
    fields.is_at_end().then_some(call)
}

/// A key must not come twice: the parser refuses it.
fn once(seen: &mut u32, number: u32) -> Option<()> {
    let bit = 1 << number;
    let first = *seen & bit == 0;
    *seen |= bit;
    first.then_some(())
}

fn identity(value: &str) -> Option<Maybe<UserIdentity<'_>>> {
    object(value, |fields| {
        let mut identity = UserIdentity::default();
        let mut seen = 0;
        while let Some((key, value)) = fields.next()? {
            let (slot, number) = match key {
                "type" => (&mut identity.kind, 0),
                "arn" => (&mut identity.arn, 1),
                "accountId" => (&mut identity.account_id, 2),
                "accessKeyId" => (&mut identity.access_key_id, 3),
                "userName" => (&mut identity.user_name, 4),
                "invokedBy" => (&mut identity.invoked_by, 5),
                "sessionContext" => {
                    once(&mut seen, 6)?;
                    identity.session_context = context(value)?;
                    continue;
                }
                "onBehalfOf" => {
                    once(&mut seen, 7)?;
                    identity.on_behalf_of = one(value, "userId")?.map(|user_id| Person { user_id });
                    continue;
                }
                _ => continue,
            };
            once(&mut seen, number)?;
            *slot = plain(value)?;
        }
        Some(identity)
    })
}

fn context(value: &str) -> Option<Maybe<SessionContext<'_>>> {
    object(value, |fields| {
        let mut context = SessionContext::default();
        let mut seen = 0;
        while let Some((key, value)) = fields.next()? {
            match key {
                "sessionIssuer" => {
                    once(&mut seen, 0)?;
                    context.session_issuer = one(value, "arn")?.map(|arn| SessionIssuer { arn });
                }
                "attributes" => {
                    once(&mut seen, 1)?;
                    context.attributes = attributes(value)?;
                }
                "webIdFederationData" => {
                    once(&mut seen, 2)?;
                    let provider = one(value, "federatedProvider")?;
                    context.web_id_federation_data =
                        provider.map(|federated_provider| Federation { federated_provider });
                }
                "ec2RoleDelivery" => {
                    once(&mut seen, 3)?;
                    context.ec2_role_delivery = plain(value)?;
                }
                "sourceIdentity" => {
                    once(&mut seen, 4)?;
                    context.source_identity = plain(value)?;
                }
                _ => {}
            }
        }
        Some(context)
    })
}

fn attributes(value: &str) -> Option<Maybe<Attributes<'_>>> {
    object(value, |fields| {
        let mut attributes = Attributes::default();
        let mut seen = 0;
        while let Some((key, value)) = fields.next()? {
            let (slot, number) = match key {
                "creationDate" => (&mut attributes.creation_date, 0),
                "mfaAuthenticated" => (&mut attributes.mfa_authenticated, 1),
                _ => continue,
            };
            once(&mut seen, number)?;
            *slot = plain(value)?;
        }
        Some(attributes)
    })
}

/// An object of which one text matters.
fn one<'a>(value: &'a str, wanted: &str) -> Option<Maybe<Text<'a>>> {
    object(value, |fields| {
        let mut text = Text::default();
        let mut seen = 0;
        while let Some((key, value)) = fields.next()? {
            if key == wanted {
                once(&mut seen, 0)?;
                text = plain(value)?;
            }
        }
        Some(text)
    })
}

/// What `read` makes of an object; absent where the value is null.
fn object<'a, T>(value: &'a str, read: impl FnOnce(&mut Fields<'a>) -> Option<T>) -> Option<Maybe<T>> {
    if value == "null" {
        return Some(Maybe(None));
    }
    let mut fields = Fields::new(value)?;
    read(&mut fields).map(|object| Maybe(Some(object)))
}

/// A text without escapes, or null.
fn plain(value: &str) -> Option<Text<'_>> {
    if value == "null" {
        return Some(Text::default());
    }
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    // Without a way out of the loop it is done many bytes at a time.
    let odd = inner.bytes().fold(0, |odd, byte| odd | u8::from(byte < b' ') | u8::from(byte == b'\\'));
    let is_plain = odd == 0;
    is_plain.then(|| Text::borrowed(inner))
}

/// The fields of an object, each with the text of its value.
struct Fields<'a> {
    text: &'a str,
    at: usize,
    is_first: bool,
}

impl<'a> Fields<'a> {
    fn new(text: &'a str) -> Option<Self> {
        let at = text.bytes().position(|byte| !is_space(byte))?;
        (text.as_bytes().get(at) == Some(&b'{')).then_some(Self { text, at: at + 1, is_first: true })
    }

    /// The next field; nothing inside at the end of the object, nothing at all where the text is not plain JSON.
    #[expect(clippy::option_option, reason = "the parser decides about the one, the caller about the other")]
    fn next(&mut self) -> Option<Option<(&'a str, &'a str)>> {
        self.skip_space();
        if self.byte() == Some(b'}') {
            self.at += 1;
            return Some(None);
        }
        if !self.is_first {
            self.expect(b',')?;
            self.skip_space();
        }
        self.is_first = false;
        let key = self.key()?;
        self.skip_space();
        self.expect(b':')?;
        self.skip_space();
        let start = self.at;
        self.skip_value()?;
        Some(Some((key, self.text.get(start..self.at)?)))
    }

    /// Whether nothing follows the object.
    fn is_at_end(&mut self) -> bool {
        self.skip_space();
        self.at >= self.text.len()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn expect(&mut self, wanted: u8) -> Option<()> {
        (self.byte()? == wanted).then(|| self.at += 1)
    }

    fn skip_space(&mut self) {
        while self.byte().is_some_and(is_space) {
            self.at += 1;
        }
    }

    fn key(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let start = self.at;
        let has_escapes = self.skip_text()?;
        let key = self.text.get(start..self.at - 1)?;
        (!has_escapes).then_some(key)
    }

    /// Moves behind the quote that ends a text; whether there were escapes in it.
    fn skip_text(&mut self) -> Option<bool> {
        let mut has_escapes = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            let found = first_of(*b"\"\\", rest, |rest| memchr2(b'"', b'\\', rest))?;
            self.at += found + 1;
            if rest.get(found) == Some(&b'"') {
                return Some(has_escapes);
            }
            has_escapes = true;
            self.at += 1;
        }
    }

    fn skip_value(&mut self) -> Option<()> {
        match self.byte()? {
            b'"' => {
                self.at += 1;
                self.skip_text().map(|_| ())
            }
            b'{' | b'[' => self.skip_nested(),
            _ => {
                let rest = self.text.as_bytes().get(self.at..)?;
                let length = rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']') || is_space(*byte))?;
                self.at += length;
                (length > 0).then_some(())
            }
        }
    }

    /// Moves behind the bracket that closes the one here. Which kind of bracket closes which is not looked at: the framer
    /// did.
    fn skip_nested(&mut self) -> Option<()> {
        let mut depth = 0_u32;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            let found = rest.iter().position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'))?;
            self.at += found + 1;
            match rest.get(found)? {
                b'"' => {
                    self.skip_text()?;
                }
                b'{' | b'[' => depth += 1,
                _ => depth -= 1,
            }
            if depth == 0 {
                return Some(());
            }
            if depth > MAX_DEPTH {
                return None;
            }
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests;
