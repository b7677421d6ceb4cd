//! Errors as the services name them, before a protocol gives them a shape.

use std::borrow::Cow;

use super::service::Service;

/// An AWS error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    /// Code in XML, and in `x-amzn-query-error`.
    pub(super) code: Cow<'static, str>,
    /// Name of its shape in JSON and CBOR (`__type`).
    pub(super) shape: Cow<'static, str>,
    /// HTTP status.
    pub(super) status: u16,
    /// A sentence.
    pub(super) message: String,
}

impl ApiError {
    fn new(code: &'static str, shape: &'static str, status: u16, message: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), shape: Cow::Borrowed(shape), status, message: message.into() }
    }

    /// An error that is the caller's doing, under one name in every protocol.
    pub(super) fn named(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, code, 400, message)
    }

    /// Whether the caller is to blame.
    pub(super) fn is_sender(&self) -> bool {
        self.status < 500
    }

    /// The service's throttling error.
    pub(super) fn throttled(service: Service) -> Self {
        match service {
            Service::Ec2 => Self::new("RequestLimitExceeded", "RequestLimitExceeded", 503, "Request limit exceeded."),
            _ => Self::new("Throttling", "ThrottlingException", 400, "Rate exceeded"),
        }
    }

    /// 500.
    pub(super) fn internal(service: Service) -> Self {
        let message = "An internal error has occurred";
        match service {
            Service::Ec2 => Self::new("InternalError", "InternalError", 500, message),
            Service::CloudWatch => Self::new("InternalServiceError", "InternalServiceFault", 500, message),
            _ => Self::new("InternalFailure", "InternalFailure", 500, message),
        }
    }

    /// 503.
    pub(super) fn unavailable(service: Service) -> Self {
        let message = "Service is unavailable";
        match service {
            Service::Ec2 => Self::new("Unavailable", "Unavailable", 503, message),
            _ => Self::new("ServiceUnavailable", "ServiceUnavailableException", 503, message),
        }
    }

    /// The caller may not do this.
    pub(super) fn denied(service: Service, operation: &str, caller: &str) -> Self {
        let action = format!("{}:{operation}", service.iam());
        let why = format!(
            "is not authorized to perform: {action} because no identity-based policy allows the {action} action"
        );
        match service {
            Service::Ec2 => Self::new(
                "UnauthorizedOperation",
                "UnauthorizedOperation",
                403,
                format!("You are not authorized to perform this operation. User: {caller} {why}"),
            ),
            Service::CloudTrail | Service::Pricing => {
                Self::new("AccessDeniedException", "AccessDeniedException", 400, format!("User: {caller} {why}"))
            }
            _ => Self::new("AccessDenied", "AccessDeniedException", 403, format!("User: {caller} {why}")),
        }
    }

    /// The caller's login has run out.
    pub(super) fn expired(service: Service) -> Self {
        match service {
            Service::Ec2 => Self::new("RequestExpired", "RequestExpired", 400, "Request has expired."),
            Service::CloudTrail | Service::Pricing => Self::new(
                "ExpiredTokenException",
                "ExpiredTokenException",
                400,
                "The security token included in the request is expired",
            ),
            _ => Self::new(
                "ExpiredToken",
                "ExpiredTokenException",
                403,
                "The security token included in the request is expired",
            ),
        }
    }

    /// A request without a signature.
    pub(super) fn unsigned(service: Option<Service>) -> Self {
        match service {
            Some(Service::Ec2) => Self::new(
                "AuthFailure",
                "AuthFailure",
                401,
                "AWS was not able to validate the provided access credentials",
            ),
            _ => Self::new(
                "MissingAuthenticationToken",
                "MissingAuthenticationTokenException",
                403,
                "Missing Authentication Token",
            ),
        }
    }

    /// The service has no such operation.
    pub(super) fn unknown_operation(service: Option<Service>, operation: &str) -> Self {
        let version = service.map_or("unknown", Service::version);
        let message = format!("The action {operation} is not valid for this web service (version {version}).");
        Self::new("InvalidAction", "UnknownOperationException", 400, message)
    }

    /// The bytes are not what the protocol says.
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self::new("MalformedInput", "SerializationException", 400, message)
    }

    /// A parameter is not as it must be.
    pub(super) fn invalid(service: Service, message: impl Into<String>) -> Self {
        match service {
            Service::Ec2 => Self::named("InvalidParameterValue", message),
            Service::CloudWatch => Self::new("ValidationError", "ValidationException", 400, message),
            Service::CloudTrail => Self::new("InvalidParameter", "InvalidParameterException", 400, message),
            Service::Pricing => Self::named("InvalidParameterException", message),
            _ => Self::new("ValidationError", "ValidationError", 400, message),
        }
    }

    /// A parameter that must be there is not.
    pub(super) fn missing(service: Service, name: &str) -> Self {
        match service {
            Service::Ec2 => Self::named("MissingParameter", format!("The request must contain the parameter {name}")),
            Service::CloudWatch => Self::new(
                "MissingParameter",
                "MissingRequiredParameterException",
                400,
                format!("The parameter {name} is required."),
            ),
            _ => Self::invalid(
                service,
                format!("Value null at '{name}' failed to satisfy constraint: Member must not be null"),
            ),
        }
    }

    /// CloudWatch: one value is not allowed.
    pub(super) fn bad_value(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", "InvalidParameterValueException", 400, message)
    }

    /// CloudWatch: values that do not go together.
    pub(super) fn bad_combination(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterCombination", "InvalidParameterCombinationException", 400, message)
    }

    /// A token or marker that was not given out for this request.
    pub(super) fn bad_token(service: Service) -> Self {
        match service {
            Service::Ec2 => Self::named("InvalidParameterValue", "Invalid value for nextToken"),
            Service::Elb | Service::ElbV2 => Self::invalid(service, "The marker is not valid"),
            Service::CloudTrail | Service::Pricing => {
                Self::named("InvalidNextTokenException", "The token is not valid")
            }
            _ => Self::named("InvalidNextToken", "The token is not valid"),
        }
    }
}
