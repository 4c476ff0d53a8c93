use proptest::prelude::*;

use super::*;

fn authenticator(password: &str) -> Authenticator {
    Authenticator::new(Some(("Mufasa".to_owned(), password.into())), [7; 16])
}

/// promise: K-04. Where others could read it, the password is not sent, not even if it was before.
#[test]
fn basic_is_refused_where_it_could_be_read() {
    let mut basic = authenticator("Circle Of Life");
    basic.allow_basic(false);
    assert_eq!(accept(&mut basic, "Basic realm=\"a\""), Err(AuthError::PasswordInClear));
    assert_eq!(basic.authorize("GET", "/"), None);
    let digest = "Digest realm=\"a\", nonce=\"b\", qop=\"auth\"";
    assert_eq!(accept(&mut basic, digest), Ok(()));
    let mut moved = authenticator("Circle Of Life");
    accept(&mut moved, "Basic realm=\"a\"").expect("allowed at home");
    assert!(moved.authorize("GET", "/").is_some());
    moved.allow_basic(false);
    assert_eq!(moved.authorize("GET", "/"), None);
}

fn accept(authenticator: &mut Authenticator, header: &str) -> Result<(), AuthError> {
    authenticator.accept(std::iter::once(header), 0)
}

fn rfc_7616_challenge(algorithm: Algorithm) -> DigestChallenge {
    DigestChallenge {
        realm: "http-auth@example.org".to_owned(),
        nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v".to_owned(),
        opaque: None,
        algorithm,
        algorithm_name: None,
        qop: Qop::Auth,
        is_stale: false,
    }
}

#[test]
fn digests_agree_with_rfc_7616() {
    let input = DigestInput {
        username: "Mufasa",
        password: &"Circle of Life".into(),
        method: "GET",
        uri: "/dir/index.html",
        nonce_count: 1,
        client_nonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    };
    let md5 = digest_response(&rfc_7616_challenge(Algorithm::Md5), &input);
    assert_eq!(md5, "8ca523f5e9506fed4657c9700eebdbec");
    let sha256 = digest_response(&rfc_7616_challenge(Algorithm::Sha256), &input);
    assert_eq!(sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

#[test]
fn a_digest_without_qop_agrees_with_rfc_2069() {
    let challenge = DigestChallenge {
        realm: "testrealm@host.com".to_owned(),
        nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093".to_owned(),
        qop: Qop::None,
        ..rfc_7616_challenge(Algorithm::Md5)
    };
    let input = DigestInput {
        username: "Mufasa",
        password: &"CircleOfLife".into(),
        method: "GET",
        uri: "/dir/index.html",
        nonce_count: 1,
        client_nonce: "",
    };
    // RFC 2069, 2.4 as corrected by its erratum 749.
    assert_eq!(digest_response(&challenge, &input), "1949323746fe6a43ef61f9606e7febea");
}

/// promise: T-04. The strongest scheme offered is used, in whatever order and headers they come.
#[test]
fn the_strongest_scheme_is_chosen() {
    let md5 = "Digest realm=\"a, b\", nonce=\"1\", algorithm=MD5, qop=\"auth\"";
    let sha = "Digest realm=\"a\", nonce=\"2\", algorithm=SHA-256, qop=\"auth,auth-int\"";
    let mut one = authenticator("secret");
    accept(&mut one, &format!("Basic realm=\"a\", {md5}, {sha}")).expect("a choice");
    assert_eq!(one.scheme(), Some(AuthScheme::DigestSha256));
    let header = one.authorize("PLAY", "rtsp://a/").expect("a header");
    assert!(header.contains("algorithm=SHA-256") && header.contains("nc=00000001"), "{header}");
    assert!(!header.contains("secret"));
    let mut many = authenticator("secret");
    many.accept([md5, "Basic realm=\"a\""].into_iter(), 0).expect("a choice");
    assert_eq!(many.scheme(), Some(AuthScheme::DigestMd5));
}

/// promise: T-04. Basic is never the way out when a digest was asked for.
#[test]
fn a_weaker_scheme_is_never_taken_instead() {
    let unknown = "Digest realm=\"a\", nonce=\"1\", algorithm=SHA-512-256, Basic realm=\"a\"";
    assert_eq!(accept(&mut authenticator("x"), unknown), Err(AuthError::Unsupported));
    let integrity = "Digest realm=\"a\", nonce=\"1\", qop=\"auth-int\", Basic realm=\"a\"";
    assert_eq!(accept(&mut authenticator("x"), integrity), Err(AuthError::Unsupported));
    let mut digest = authenticator("x");
    accept(&mut digest, "Digest realm=\"a\", nonce=\"1\"").expect("a choice");
    assert_eq!(accept(&mut digest, "Basic realm=\"a\""), Err(AuthError::Downgrade));
}

#[test]
fn basic_is_used_if_nothing_else_is_offered() {
    let mut basic = Authenticator::new(Some(("Aladdin".to_owned(), "open sesame".into())), [0; 16]);
    accept(&mut basic, "Basic realm=\"a\"").expect("a choice");
    assert_eq!(basic.scheme(), Some(AuthScheme::Basic));
    // RFC 7617, 2.
    let header = basic.authorize("PLAY", "rtsp://a/");
    assert_eq!(header.as_deref(), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
}

#[test]
fn a_refused_proof_is_not_repeated_but_a_stale_nonce_is_replaced() {
    let mut digest = authenticator("x");
    accept(&mut digest, "Digest realm=\"a\", nonce=\"1\"").expect("first");
    let same = "Digest realm=\"a\", nonce=\"1\"";
    assert_eq!(accept(&mut digest, same), Err(AuthError::Rejected));
    accept(&mut digest, "Digest realm=\"a\", nonce=\"2\"").expect("a new nonce");
    let again = digest.accept(std::iter::once("Digest realm=\"a\", nonce=\"3\""), 1);
    assert_eq!(again, Err(AuthError::Rejected));
    let stale = "Digest realm=\"a\", nonce=\"4\", stale=TRUE";
    assert_eq!(digest.accept(std::iter::once(stale), 1), Ok(()));
    assert_eq!(digest.accept(std::iter::once(stale), 3), Err(AuthError::Rejected));
    let mut nobody = Authenticator::new(None, [0; 16]);
    assert_eq!(accept(&mut nobody, same), Err(AuthError::NoCredentials));
}

#[test]
fn the_nonce_count_goes_up_and_starts_over_with_a_new_nonce() {
    let mut digest = authenticator("x");
    accept(&mut digest, "Digest realm=\"a\", nonce=\"1\", qop=auth").expect("a choice");
    let mut count = || {
        let header = digest.authorize("PLAY", "rtsp://a/").expect("a header");
        let parameters = parse_parameters(header.strip_prefix("Digest ").expect("digest"));
        parameters.into_iter().find(|(name, _)| name == "nc").expect("a count").1
    };
    assert_eq!((count(), count()), ("00000001".to_owned(), "00000002".to_owned()));
}

proptest! {
    /// promise: K-07. Neither header nor debug output shows the password.
    #[test]
    fn passwords_stay_out_of_sight(password in "[a-z]{8,20}") {
        let mut digest = authenticator(&password);
        accept(&mut digest, "Digest realm=\"A\", nonce=\"1\", qop=auth").expect("a choice");
        let header = digest.authorize("PLAY", "RTSP://A/").expect("a header");
        prop_assert!(!header.contains(&password));
        let shown = format!("{digest:?}");
        prop_assert!(!shown.contains(&password));
    }

    #[test]
    fn arbitrary_challenges_never_panic(text in "\\PC{0,120}") {
        prop_assert!(parse_challenges(std::iter::once(text.as_str())).len() <= 16);
        accept(&mut authenticator("x"), &text).ok();
    }

    #[test]
    fn quoted_values_are_read_as_they_were_written(user in "[ -~]{1,20}") {
        let mut digest = Authenticator::new(Some((user.clone(), "x".into())), [0; 16]);
        accept(&mut digest, "Digest realm=\"a\", nonce=\"1\"").expect("a choice");
        let header = digest.authorize("PLAY", "rtsp://a/").expect("a header");
        let parameters = parse_parameters(header.strip_prefix("Digest ").expect("digest"));
        prop_assert_eq!(&parameters[0], &("username".to_owned(), user));
    }
}
