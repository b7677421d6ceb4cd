//! What the SDK does not know to be a throttle.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// Has `DependencyThrottle`, Classic ELB's own word for it, tried again as any throttle is.
#[derive(Debug)]
pub(super) struct DependencyThrottle;

impl ClassifyRetry for DependencyThrottle {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        const CODE: &[u8] = b">DependencyThrottle<";
        let body = context.response().and_then(|r| r.body().bytes()).unwrap_or_default();
        let failed = context.response().is_some_and(|r| !r.status().is_success());
        if failed && body.windows(CODE.len()).any(|part| part == CODE) {
            return RetryAction::throttling_error();
        }
        RetryAction::NoActionIndicated
    }

    fn name(&self) -> &'static str {
        "AwswatchDependencyThrottle"
    }
}
