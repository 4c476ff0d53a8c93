//! Who sent a request that came through a reverse proxy.
//!
//! What a stranger writes about itself is never believed: the headers count only on connections from
//! a trusted proxy, only those of the family this house's proxy writes, and only as far as every hop
//! to the right is trusted too. The right-most address that is no trusted proxy is the client. After
//! [`Proxies::resolve`] the request looks as if the client had connected itself: its address is in
//! [`Via`], the host it named is in `Host`, and no forwarding header is left for anybody to read.
//! Pure. promise: D-16.

use std::net::{IpAddr, SocketAddr};

use hearth_hub::ProxyHeaders;
use hearth_model::AddressRange;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};

use crate::{error::ApiError, listener::Via, site::HostNames};

/// Proxies behind one another. More are no house's.
const HOPS_MAX: usize = 8;

const FORWARDED: HeaderName = header::FORWARDED;
const X_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The proxies of this house.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    trusted: Vec<AddressRange>,
    headers: ProxyHeaders,
}

/// What is believed about the client.
#[derive(Debug, PartialEq, Eq)]
struct Client {
    address: IpAddr,
    proto: Option<String>,
    host: Option<String>,
}

impl Proxies {
    pub(crate) fn new(trusted: Vec<AddressRange>, headers: ProxyHeaders) -> Self {
        Self { trusted, headers }
    }

    /// Whether connections from here are a proxy's.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|range| range.contains(address))
    }

    /// Puts the client in the proxy's place.
    ///
    /// # Errors
    /// If the client came to the proxy in the clear, or named a host that is not ours.
    pub(crate) fn resolve<B>(
        &self,
        request: &mut Request<B>,
        names: &HostNames,
    ) -> Result<(), ApiError> {
        let Some(Via::Network { peer, local }) = request.extensions().get::<Via>().copied() else {
            return Ok(());
        };
        let client = self.trusts(peer).then(|| self.client(peer, request.headers()));
        for name in [FORWARDED, X_FOR, X_PROTO, X_HOST] {
            request.headers_mut().remove(name);
        }
        let Some(Client { address, proto, host }) = client else { return Ok(()) };
        request.extensions_mut().insert(Via::Network { peer: address, local });
        if proto.is_some_and(|proto| !proto.eq_ignore_ascii_case("https")) {
            return Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "plain_http",
                "This request came to the proxy without TLS. Use https://.",
            ));
        }
        let Some(host) = host else { return Ok(()) };
        // The proxy's own `Host` was not looked at yet: both must be ours, for a stranger's page may
        // write the one that the proxy does not overwrite.
        let own = request.headers().get(header::HOST).and_then(|own| own.to_str().ok());
        let value = HeaderValue::from_str(&host).ok();
        match value {
            Some(value) if own.is_some_and(|own| names.admits(own, local)) => {
                request.headers_mut().insert(header::HOST, value);
                Ok(())
            }
            _ => Err(ApiError::wrong_host()),
        }
    }

    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        match self.headers {
            ProxyHeaders::XForwarded => {
                let hops = items(headers, &X_FOR);
                let addresses: Vec<_> = hops.iter().map(|hop| Some(hop.as_str())).collect();
                let (address, _) = self.walk(peer, &addresses);
                let last = |name| items(headers, name).pop();
                Client { address, proto: last(&X_PROTO), host: last(&X_HOST) }
            }
            ProxyHeaders::Forwarded => {
                let mut hops: Vec<_> =
                    items(headers, &FORWARDED).iter().map(|item| Hop::read(item)).collect();
                let addresses: Vec<_> = hops.iter().map(|hop| hop.address.as_deref()).collect();
                let (address, index) = self.walk(peer, &addresses);
                let hop = index.map(|index| hops.swap_remove(index)).unwrap_or_default();
                Client { address, proto: hop.proto, host: hop.host }
            }
        }
    }

    /// From the right to the first address that is no trusted proxy, and where it stands. An entry
    /// that is no address ends the way at the proxy that wrote it.
    fn walk(&self, peer: IpAddr, hops: &[Option<&str>]) -> (IpAddr, Option<usize>) {
        let (mut client, mut at) = (peer, None);
        for (index, hop) in hops.iter().enumerate().rev().take(HOPS_MAX) {
            if !self.trusts(client) {
                break;
            }
            at = Some(index);
            match hop.and_then(node) {
                Some(address) => client = address,
                None => break,
            }
        }
        (client, at)
    }
}

/// One element of `Forwarded`.
#[derive(Debug, Default)]
struct Hop {
    address: Option<String>,
    proto: Option<String>,
    host: Option<String>,
}

impl Hop {
    fn read(text: &str) -> Self {
        let mut hop = Self::default();
        for pair in split(text, ';') {
            let Some((name, value)) = pair.split_once('=') else { continue };
            let value = unquoted(value.trim());
            match name.trim().to_ascii_lowercase().as_str() {
                "for" => hop.address = Some(value),
                "proto" => hop.proto = Some(value),
                "host" => hop.host = Some(value),
                _ => {}
            }
        }
        hop
    }
}

/// The list in all lines of a header, in order. In the place of a line that cannot be read is an
/// empty entry, which ends the way. One with a quote left open is among these: the proxy's own words
/// behind it would count as the stranger's quotation.
fn items(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let mut items = Vec::new();
    for line in headers.get_all(name) {
        match line.to_str() {
            Ok(line) if *name != FORWARDED => items.extend(line.split(',').map(plain)),
            Ok(line) if is_closed(line) => items.extend(split(line, ',').map(plain)),
            _ => items.push(String::new()),
        }
    }
    items
}

fn plain(item: &str) -> String {
    item.trim().to_owned()
}

/// Whether every quoted string in a line has its end.
fn is_closed(line: &str) -> bool {
    let mut quotes = Quotes::default();
    line.chars().for_each(|c| {
        quotes.is_outside(c);
    });
    !quotes.is_open
}

/// Where a quoted string begins and ends (RFC 9110, 5.6.4).
#[derive(Default)]
struct Quotes {
    is_open: bool,
    is_escaped: bool,
}

impl Quotes {
    /// Takes the next character; answers whether it stands outside of quotes and is none itself.
    fn is_outside(&mut self, c: char) -> bool {
        let was_escaped = std::mem::take(&mut self.is_escaped);
        match c {
            '\\' if self.is_open && !was_escaped => self.is_escaped = true,
            '"' if !was_escaped => self.is_open = !self.is_open,
            _ => return !self.is_open,
        }
        false
    }
}

/// Splits outside of quoted strings.
fn split(text: &str, at: char) -> impl Iterator<Item = &str> {
    let mut quotes = Quotes::default();
    text.split(move |c| quotes.is_outside(c) && c == at)
}

fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        plain.extend(if c == '\\' { characters.next() } else { Some(c) });
    }
    plain
}

/// The address in `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or
/// `[2001:db8::1]:4711`; none in `unknown` and `_hidden` (RFC 7239, 6).
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = match bare.parse::<IpAddr>() {
        Ok(address) => address,
        Err(_) => text.parse::<SocketAddr>().ok()?.ip(),
    };
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests;
