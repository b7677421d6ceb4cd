//! What went wrong, in the model's words.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::allow::{self, NotAllowed};
use super::meter::Api;
use crate::model::{ErrorClass, PollError, Text};

/// Codes that mean "asked too often". `DependencyThrottle` is Classic ELB's own.
const THROTTLES: [&str; 16] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequests",
    "TooManyRequestsException",
    "DependencyThrottle",
    "LimitExceededException",
    "BandwidthLimitExceeded",
    "ProvisionedThroughputExceededException",
    "PriorRequestNotComplete",
    "SlowDown",
    "TransactionInProgressException",
    "EC2ThrottledException",
];

/// Codes that mean that a login ran out or never was right.
const EXPIRED: [&str; 14] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidToken",
    "TokenRefreshRequired",
    "AuthFailure",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "NotSignedUp",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
];

const UNSUPPORTED: [&str; 9] = [
    "InvalidAction",
    "UnknownOperationException",
    "UnknownOperation",
    "UnsupportedOperation",
    "UnsupportedOperationException",
    "NotImplemented",
    "UnsupportedProtocol",
    "InternalFailure.NotImplemented",
    "OptInRequired",
];

/// Whether an error body holds the code of a throttle.
pub(super) fn mentions_throttle(body: &str) -> bool {
    let head = body.char_indices().nth(4096).map_or(body, |(end, _)| &body[..end]);
    // At the start of an element, a string or a shape's name: a message that merely talks of throttling has a space
    // before it. In CBOR a string follows its length, which is no printable character.
    THROTTLES.iter().any(|code| {
        head.match_indices(code).any(|(at, _)| {
            let before = head[..at].chars().next_back();
            before.is_some_and(|c| matches!(c, '>' | '"' | '#' | '.') || c.is_control() || !c.is_ascii())
        })
    })
}

/// The class of AWS's error `code` with HTTP `status`, when they alone tell.
pub(super) fn classify(code: &str, status: u16) -> Option<ErrorClass> {
    let code = code.rsplit_once('#').map_or(code, |(_, name)| name);
    let code = code.split_once(':').map_or(code, |(name, _)| name);
    if THROTTLES.contains(&code) || status == 429 {
        return Some(ErrorClass::Throttled);
    }
    if EXPIRED.contains(&code) {
        return Some(ErrorClass::Expired);
    }
    if code.starts_with("AccessDenied") || code == "UnauthorizedOperation" || code == "NotAuthorized" {
        return Some(ErrorClass::Denied);
    }
    if UNSUPPORTED.contains(&code) || status == 501 {
        return Some(ErrorClass::Unsupported);
    }
    match (code.is_empty(), status) {
        (true, 404 | 405) => Some(ErrorClass::Unsupported),
        (_, 500..) => Some(ErrorClass::Server),
        (false, _) => Some(ErrorClass::Refused),
        (true, _) => None,
    }
}

/// The model's error for a failed `operation` of `api`. `profile` is named in the way out of an expired login; empty
/// for the default one.
pub(super) fn translate<E>(
    api: Api,
    operation: &'static str,
    profile: &Text,
    error: &SdkError<E, HttpResponse>,
) -> PollError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let service = error.as_service_error();
    let code = service.and_then(ProvideErrorMetadata::code).unwrap_or_default();
    let said = service.and_then(ProvideErrorMetadata::message).unwrap_or_default();
    let (class, message) = explain(code, said, profile, error);
    let message = match class {
        ErrorClass::Denied => {
            let action = allow::action(api.service(), operation).filter(|a| !a.is_empty());
            action.map_or(message.clone(), |action| join(&format!("needs {action}"), &message))
        }
        ErrorClass::Expired => join(&login(profile), &message),
        _ => message,
    };
    let code = code.rsplit_once('#').map_or(code, |(_, name)| name);
    PollError { class, operation: operation.into(), code: code.into(), message: message.into() }
}

fn login(profile: &Text) -> String {
    if profile.is_empty() {
        return "login expired or not valid; run: aws sso login".to_owned();
    }
    format!("login expired or not valid; run: aws sso login --profile {profile}")
}

fn join(ours: &str, theirs: &str) -> String {
    if theirs.is_empty() { ours.to_owned() } else { format!("{ours} ({theirs})") }
}

fn explain<E>(code: &str, said: &str, profile: &Text, error: &SdkError<E, HttpResponse>) -> (ErrorClass, String)
where
    E: Error + 'static,
{
    if let Some(refused) = find::<NotAllowed>(error) {
        return (ErrorClass::Refused, refused.to_string());
    }
    if let Some(class) = credentials(error) {
        return (class, why_none(profile, error));
    }
    let status = error.raw_response().map_or(0, |r| r.status().as_u16());
    match error {
        SdkError::TimeoutError(_) => (ErrorClass::Timeout, "no answer in time".to_owned()),
        SdkError::DispatchFailure(failure) => {
            if failure.is_timeout() {
                (ErrorClass::Timeout, format!("no connection in time: {}", innermost(error)))
            } else if failure.is_user() {
                (ErrorClass::Refused, innermost(error))
            } else {
                (ErrorClass::Connection, innermost(error))
            }
        }
        SdkError::ResponseError(_) | SdkError::ServiceError(_) => {
            let page = foreign_page(error);
            match classify(code, status) {
                Some(class) => {
                    let said = if said.is_empty() {
                        page.unwrap_or_else(|| format!("HTTP {status}"))
                    } else {
                        said.to_owned()
                    };
                    (class, said)
                }
                None if page.is_some() => (ErrorClass::Unsupported, page.unwrap_or_default()),
                None if find::<std::io::Error>(error).is_some() => {
                    (ErrorClass::Connection, format!("the answer broke off: {}", innermost(error)))
                }
                None if status == 0 || (200..300).contains(&status) => (ErrorClass::Malformed, innermost(error)),
                None => (ErrorClass::Refused, format!("HTTP {status}: {}", innermost(error))),
            }
        }
        _ => (ErrorClass::Refused, innermost(error)),
    }
}

/// What to say of an answer that no AWS service gives: a web page, as proxies, portals and other servers send.
fn foreign_page<E>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let response = error.raw_response()?;
    let html = response.headers().get("content-type").is_some_and(|t| t.starts_with("text/html"));
    html.then(|| {
        format!(
            "HTTP {} with a web page: this endpoint does not speak the service's protocol",
            response.status().as_u16()
        )
    })
}

/// What the provider that failed says. Where none was set up there is nothing to explain, but that the `profile` that was
/// asked for is not there: the ways out are told elsewhere.
fn why_none(profile: &Text, error: &(dyn Error + 'static)) -> String {
    let said = innermost(error);
    if !matches!(find::<CredentialsError>(error), Some(CredentialsError::CredentialsNotLoaded(_))) {
        // It gives its reason once, and from then on says that it gave it.
        return if said.contains("already taken") { String::new() } else { said.trim().to_owned() };
    }
    // A line for each provider that was tried.
    let of_profile = said.lines().find_map(|line| line.trim_start().strip_prefix("Profile: "));
    let Some(said) = of_profile.filter(|_| !profile.is_empty()) else { return String::new() };
    match said.split_once("was not enabled") {
        Some((_, why)) => why.trim_start_matches(':').trim().to_owned(),
        None => said.trim().to_owned(),
    }
}

fn credentials<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> Option<ErrorClass> {
    let found = find::<CredentialsError>(error)?;
    let mut text = found.to_string();
    let mut source = found.source();
    while let Some(inner) = source {
        text.push(' ');
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    let text = text.to_lowercase();
    let ran_out = ["expired", "sso", "refresh"].iter().any(|word| text.contains(word));
    Some(match found {
        // What the providers that were tried say names single sign-on without any of it having run out.
        CredentialsError::InvalidConfiguration(_) | CredentialsError::CredentialsNotLoaded(_) => {
            ErrorClass::NoCredentials
        }
        _ if ran_out && !text.contains("imds") => ErrorClass::Expired,
        CredentialsError::ProviderTimedOut(_) => ErrorClass::Timeout,
        _ => ErrorClass::NoCredentials,
    })
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    last.to_string()
}

/// Whether it only says that what was asked about was deleted meanwhile.
pub(super) fn is_gone(error: &PollError) -> bool {
    matches!(error.code.as_str(), "LoadBalancerNotFound" | "AccessPointNotFound" | "TargetGroupNotFound")
}
