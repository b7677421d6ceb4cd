//! AWS Security Token Service: who we are.

use super::translate::text;
use super::{Api, Meter, ScopeClients};
use crate::model::{Identity, PollError};

/// Whose credentials the scope is read with.
pub async fn identity(clients: &ScopeClients, meter: &Meter) -> Result<Identity, PollError> {
    let client = clients.sts().await;
    let send = |tally| client.get_caller_identity().customize().interceptor(tally).send();
    let said = meter.page(Api::Sts, "GetCallerIdentity", send).await?;
    Ok(Identity { account_id: text(said.account()), arn: text(said.arn()) })
}
