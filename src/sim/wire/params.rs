//! Reading a request's members, with the service's own errors for what is missing or wrong.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;

use super::error::ApiError;
use super::service::Service;
use super::value::Value;

/// The members of a request, or of a structure in it.
#[derive(Clone, Copy)]
pub(super) struct Params<'a> {
    service: Service,
    value: &'a Value,
}

impl<'a> Params<'a> {
    /// The members of `value`.
    pub(super) fn new(service: Service, value: &'a Value) -> Self {
        Self { service, value }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.value.get(name)
    }

    fn wrong(&self, name: &str) -> ApiError {
        ApiError::invalid(self.service, format!("Invalid value for parameter {name}"))
    }

    fn read<T>(&self, name: &str, read: impl Fn(&'a Value) -> Option<T>) -> Result<Option<T>, ApiError> {
        self.get(name).map(|v| read(v).ok_or_else(|| self.wrong(name))).transpose()
    }

    /// A text, `None` when absent.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, ApiError> {
        self.read(name, |v| v.as_text().map(std::borrow::Cow::into_owned))
    }

    /// A text that must be there.
    pub(super) fn must_text(&self, name: &str) -> Result<String, ApiError> {
        self.text(name)?.filter(|t| !t.is_empty()).ok_or_else(|| ApiError::missing(self.service, name))
    }

    /// A whole number.
    pub(super) fn int(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.read(name, Value::as_int)
    }

    /// A boolean, `default` when absent.
    pub(super) fn flag(&self, name: &str, default: bool) -> Result<bool, ApiError> {
        Ok(self.read(name, Value::as_bool)?.unwrap_or(default))
    }

    /// A moment.
    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, ApiError> {
        self.read(name, Value::as_time)
    }

    /// A moment that must be there.
    pub(super) fn must_time(&self, name: &str) -> Result<Timestamp, ApiError> {
        self.time(name)?.ok_or_else(|| ApiError::missing(self.service, name))
    }

    /// A list of texts, empty when absent.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, ApiError> {
        self.items(name)?
            .iter()
            .map(|v| v.as_text().map(std::borrow::Cow::into_owned).ok_or_else(|| self.wrong(name)))
            .collect()
    }

    /// A list of structures, empty when absent.
    pub(super) fn structures(&self, name: &str) -> Result<Vec<Params<'a>>, ApiError> {
        self.items(name)?
            .iter()
            .map(|v| match v {
                Value::Map(_) => Ok(Params { service: self.service, value: v }),
                _ => Err(self.wrong(name)),
            })
            .collect()
    }

    /// A structure, `None` when absent.
    pub(super) fn structure(&self, name: &str) -> Result<Option<Params<'a>>, ApiError> {
        self.read(name, |v| matches!(v, Value::Map(_)).then_some(Params { service: self.service, value: v }))
    }

    /// In a form, an empty list is an empty text.
    fn items(&self, name: &str) -> Result<&'a [Value], ApiError> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::List(items)) => Ok(items),
            Some(Value::Text(text)) if text.is_empty() => Ok(&[]),
            Some(_) => Err(self.wrong(name)),
        }
    }

    /// The service's error for a bad value.
    pub(super) fn invalid(&self, message: impl Into<String>) -> ApiError {
        ApiError::invalid(self.service, message)
    }

    /// Whether it asks for a part of what there is: by filters, ids or a page.
    pub(super) fn is_narrowed(&self) -> bool {
        const NARROWS: [&str; 6] = ["Filter", "MaxResults", "NextToken", "InstanceId", "SubnetId", "VolumeId"];
        NARROWS.iter().any(|name| self.get(name).is_some())
    }

    /// Which service was asked.
    pub(super) fn service(&self) -> Service {
        self.service
    }

    /// What makes two requests pages of one list: everything but the place in it and the size of a page.
    pub(super) fn fingerprint(&self) -> u64 {
        const PAGING: [&str; 7] =
            ["NextToken", "Marker", "PageSize", "MaxRecords", "MaxResults", "MaxDatapoints", "MaxItems"];
        let mut hasher = DefaultHasher::new();
        if let Value::Map(members) = self.value {
            let mut members: Vec<_> = members.iter().filter(|(n, _)| !PAGING.contains(&&**n)).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            members.hash(&mut hasher);
        }
        hasher.finish()
    }
}
