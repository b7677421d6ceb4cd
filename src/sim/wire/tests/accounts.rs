//! Whose request it is.

use bytes::Bytes;
use http::Request;

use super::support::{ec2, elements, form, simulator, text};
use crate::sim::Account;
use crate::sim::scenario::Scenario;

fn with_key(mut request: Request<Bytes>, key: &str) -> Request<Bytes> {
    let header = request.headers()["authorization"].to_str().unwrap().replace("AKIDEXAMPLE", key);
    request.headers_mut().insert("authorization", header.parse().unwrap());
    request
}

fn identity(key: &str) -> Request<Bytes> {
    with_key(form("sts", "2011-06-15", "Action=GetCallerIdentity"), key)
}

#[tokio::test]
async fn the_access_key_of_the_signature_is_the_account() {
    let simulator = simulator(Scenario::Calm, 5, &[]);
    for (key, number) in [
        ("AKIDDEMO", "123456789012"),
        ("AKIDDEMOSTAGING", "210987654321"),
        ("test", "123456789012"),
        // A key may hold what separates the parts of a scope.
        ("AKID/DEMO/STAGING", "123456789012"),
    ] {
        let (status, body) = text(&simulator, identity(key)).await;
        assert_eq!((status, elements(&body, "Account")), (200, vec![number.to_owned()]), "{key}: {body}");
    }
    for account in Account::ALL {
        assert_eq!(Account::of_access_key(account.access_key()), account);
        let (_, body) = text(&simulator, with_key(ec2("Action=DescribeInstances"), account.access_key())).await;
        let owners = elements(&body, "ownerId");
        assert!(!owners.is_empty() && owners.iter().all(|o| o == account.id()), "{account:?}: {owners:?}");
    }
}

#[tokio::test]
async fn one_login_runs_out_and_not_the_other() {
    let simulator = simulator(Scenario::Expired, 5, &[]);
    assert_eq!(text(&simulator, identity("AKIDDEMO")).await.0, 403);
    assert_eq!(text(&simulator, identity("AKIDDEMOSTAGING")).await.0, 200);
}
