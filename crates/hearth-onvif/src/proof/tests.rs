use super::*;

const MD5: &str = "Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"";
const MD5_AGAIN: &str = "Digest realm=\"r\", nonce=\"n2\", qop=\"auth\"";
const SHA256: &str = "Digest realm=\"r\", nonce=\"n1\", algorithm=SHA-256, qop=\"auth\"";
const BASIC: &str = "Basic realm=\"r\"";

fn prover(at_least: Option<Scheme>) -> Prover {
    let account = Account { username: "admin".to_owned(), password: "hunter2".into() };
    Prover::new(Some(account), at_least, [1; 16])
}

fn proof(prover: &mut Prover) -> Result<Proof, ProofError> {
    prover.proof("/onvif/device_service", "POST", &[2; 16], WallTime::default())
}

#[test]
fn the_first_request_goes_without_a_proof() {
    assert!(proof(&mut prover(None)).expect("not refused").is_none());
}

/// promise: T-04. Of what a device offers, the strongest is taken.
#[test]
fn the_strongest_proof_offered_is_given() {
    for (offered, scheme) in [
        (&[BASIC, MD5, SHA256][..], Scheme::DigestSha256),
        (&[BASIC, MD5], Scheme::DigestMd5),
        (&[], Scheme::UsernameToken),
    ] {
        let mut prover = prover(None);
        assert_eq!(prover.refused(offered, false, 0), Ok(()));
        assert_eq!(prover.scheme(), Some(scheme), "{offered:?}");
        let proof = proof(&mut prover).expect("not refused");
        assert_eq!(proof.token.is_some(), scheme == Scheme::UsernameToken);
        let is_digest = proof.authorization.is_some_and(|text| text.starts_with("Digest "));
        assert_eq!(is_digest, scheme != Scheme::UsernameToken);
    }
}

/// promise: T-04. The password never travels, not even when nothing else is offered.
#[test]
fn basic_is_never_answered_with_the_password() {
    let mut prover = prover(None);
    assert_eq!(prover.refused(&[BASIC], false, 0), Ok(()));
    let proof = proof(&mut prover).expect("not refused");
    assert!(proof.authorization.is_none() && proof.token.is_some());
}

/// promise: T-04. A session never goes back to a weaker scheme, and says so.
#[test]
fn a_weaker_scheme_than_before_is_refused() {
    let mut one = prover(None);
    assert_eq!(one.refused(&[SHA256], false, 0), Ok(()));
    assert_eq!(one.refused(&[MD5_AGAIN], true, 0), Err(ProofError::Downgrade));
    assert_eq!(proof(&mut one).expect_err("refused"), ProofError::Downgrade);
    let mut other = prover(None);
    assert_eq!(other.refused(&[MD5], false, 0), Ok(()));
    assert_eq!(other.refused(&[], false, 0), Err(ProofError::Downgrade));
}

/// promise: T-04. What a device could do yesterday is the least it must do today.
#[test]
fn a_weaker_scheme_than_demanded_is_refused() {
    let mut one = prover(Some(Scheme::DigestMd5));
    assert_eq!(one.refused(&[BASIC], false, 0), Err(ProofError::Downgrade));
    let mut other = prover(Some(Scheme::DigestSha256));
    assert_eq!(other.refused(&[MD5], false, 0), Err(ProofError::Downgrade));
}

#[test]
fn a_password_is_tried_once_and_then_nothing_is_sent() {
    for offered in [&[MD5][..], &[]] {
        let mut prover = prover(None);
        assert_eq!(prover.refused(offered, false, 0), Ok(()));
        assert!(!proof(&mut prover).expect("not refused").is_none());
        let again: &[&str] = if offered.is_empty() { &[] } else { &[MD5_AGAIN] };
        assert_eq!(prover.refused(again, true, 1), Err(ProofError::WrongPassword));
        assert_eq!(proof(&mut prover).expect_err("refused"), ProofError::WrongPassword);
    }
}

#[test]
fn an_account_that_worked_and_is_refused_elsewhere_is_right_but_not_allowed() {
    let mut prover = prover(None);
    assert_eq!(prover.refused(&[], false, 0), Ok(()));
    prover.accepted();
    assert_eq!(prover.refused(&[], true, 0), Err(ProofError::Forbidden));
    assert!(proof(&mut prover).is_ok());
}

#[test]
fn a_nonce_that_ran_out_is_replaced() {
    let mut prover = prover(None);
    assert_eq!(prover.refused(&[MD5], false, 0), Ok(()));
    prover.accepted();
    let stale = "Digest realm=\"r\", nonce=\"n2\", qop=\"auth\", stale=true";
    assert_eq!(prover.refused(&[stale], true, 0), Ok(()));
    let header = proof(&mut prover).expect("fine").authorization.expect("a digest");
    assert!(header.contains("nonce=\"n2\"") && header.contains("nc=00000001"));
}

#[test]
fn without_an_account_nothing_is_tried() {
    let mut prover = Prover::new(None, None, [0; 16]);
    assert_eq!(prover.refused(&[MD5], false, 0), Err(ProofError::NoAccount));
}
