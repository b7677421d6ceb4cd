//! XML answers, in the manner of EC2 and in that of the other query services.

use std::borrow::Cow;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::Reply;
use crate::sim::wire::error::ApiError;
use crate::sim::wire::service::{Protocol, Service};
use crate::sim::wire::value::{Value, map};

type Xml = Writer<Vec<u8>>;

/// `<XResponse>`: in EC2 with the members in it, elsewhere with `<XResult>` around them.
pub(super) fn success(reply: &Reply<'_>, members: &Value) -> Vec<u8> {
    let root = format!("{}Response", reply.operation);
    let namespace = reply.service.map_or("", Service::xml_namespace);
    document(&root, namespace, |xml| {
        if reply.protocol == Protocol::Ec2 {
            element(xml, "requestId", &Value::from(reply.request_id.to_owned()), "item")?;
            contents(xml, members, "item")
        } else {
            element(xml, &format!("{}Result", reply.operation), members, "member")?;
            element(xml, "ResponseMetadata", &map([("RequestId", reply.request_id.to_owned().into())]), "member")
        }
    })
}

/// `<Response><Errors>` in EC2, `<ErrorResponse>` elsewhere.
pub(super) fn error(reply: &Reply<'_>, error: &ApiError) -> Vec<u8> {
    let code = Value::Text(error.code.clone());
    let message = Value::from(&error.message);
    let id = Value::from(reply.request_id.to_owned());
    if reply.protocol == Protocol::Ec2 {
        let error = map([("Code", code), ("Message", message)]);
        let members = map([("Errors", map([("Error", error)])), ("RequestID", id)]);
        document("Response", "", |xml| contents(xml, &members, "item"))
    } else {
        let kind = if error.is_sender() { "Sender" } else { "Receiver" };
        let error = map([("Type", kind.into()), ("Code", code), ("Message", message)]);
        let members = map([("Error", error), ("RequestId", id)]);
        let namespace = reply.service.map_or("", Service::xml_namespace);
        document("ErrorResponse", namespace, |xml| contents(xml, &members, "member"))
    }
}

fn document(root: &str, namespace: &str, body: impl FnOnce(&mut Xml) -> io::Result<()>) -> Vec<u8> {
    let mut xml = Writer::new(Vec::new());
    let write = || {
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let mut start = BytesStart::new(root);
        if !namespace.is_empty() {
            start.push_attribute(("xmlns", namespace));
        }
        xml.write_event(Event::Start(start))?;
        body(&mut xml)?;
        xml.write_event(Event::End(BytesEnd::new(root)))
    };
    // Writing to memory cannot fail.
    let _: io::Result<()> = write();
    xml.into_inner()
}

fn element(xml: &mut Xml, name: &str, value: &Value, item: &str) -> io::Result<()> {
    xml.write_event(Event::Start(BytesStart::new(name)))?;
    contents(xml, value, item)?;
    xml.write_event(Event::End(BytesEnd::new(name)))
}

fn contents(xml: &mut Xml, value: &Value, item: &str) -> io::Result<()> {
    match value {
        Value::Map(members) => members.iter().try_for_each(|(name, v)| element(xml, name, v, item)),
        Value::List(items) => items.iter().try_for_each(|v| element(xml, item, v, item)),
        Value::Dict(entries) => entries.iter().try_for_each(|(key, v)| {
            xml.write_event(Event::Start(BytesStart::new("entry")))?;
            element(xml, "key", &Value::from(key), item)?;
            element(xml, "value", v, item)?;
            xml.write_event(Event::End(BytesEnd::new("entry")))
        }),
        Value::Text(text) => xml.write_event(Event::Text(BytesText::new(&allowed(text)))),
        Value::Bool(flag) => plain(xml, &flag.to_string()),
        Value::Int(number) => plain(xml, &number.to_string()),
        Value::Float(number) => plain(xml, &number.to_string()),
        Value::Time(at) => plain(xml, &at.to_string()),
    }
}

fn plain(xml: &mut Xml, text: &str) -> io::Result<()> {
    xml.write_event(Event::Text(BytesText::new(text)))
}

/// XML 1.0 has no way to write most control characters.
fn allowed(text: &str) -> Cow<'_, str> {
    let forbidden = |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if text.contains(forbidden) { Cow::Owned(text.replace(forbidden, "\u{FFFD}")) } else { Cow::Borrowed(text) }
}
