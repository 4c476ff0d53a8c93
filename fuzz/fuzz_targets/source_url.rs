//! Camera addresses: what was read reads the same again, and shows no account.
#![no_main]

use hearth_model::SourceUrl;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok((url, _)) = SourceUrl::parse(text) else { return };
    let (again, user_info) = SourceUrl::parse(&url.to_string()).expect("what we wrote");
    assert_eq!(again, url);
    assert!(user_info.is_none());
    let Ok((split, account)) = SourceUrl::split(text) else { return };
    assert_eq!(SourceUrl::split(&split.to_string()), Ok((split.clone(), None)));
    if let Some((username, password)) = account {
        SourceUrl::filled(&split.to_string(), &username, &password);
    }
});
