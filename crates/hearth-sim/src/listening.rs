//! A port of 127.0.0.1 on which connections are served, each by a task of its own.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use crate::{certificate::Certificate, service::ServiceError};

/// Connections at the same time; more wait.
const CONNECTIONS_MAX: usize = 64;

/// A port with a certificate.
#[derive(Debug)]
pub(crate) struct Listening {
    address: SocketAddr,
    certificate: Arc<Mutex<Certificate>>,
    task: JoinHandle<()>,
}

impl Listening {
    pub(crate) async fn start<F>(
        serve: impl Fn(TcpStream, Certificate) -> F + Send + 'static,
    ) -> Result<Self, ServiceError>
    where
        F: Future<Output = Option<()>> + Send + 'static,
    {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(any_port).await.map_err(ServiceError::Listen)?;
        let address = listener.local_addr().map_err(ServiceError::Listen)?;
        let certificate = Arc::new(Mutex::new(Certificate::generate()?));
        let shown = Arc::clone(&certificate);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                if connections.len() >= CONNECTIONS_MAX {
                    connections.join_next().await;
                }
                if let Ok((wire, _)) = listener.accept().await {
                    let shown = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    connections.spawn(serve(wire, shown));
                }
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, certificate, task })
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn certificate_sha256(&self) -> String {
        self.certificate.lock().unwrap_or_else(PoisonError::into_inner).sha256.clone()
    }

    pub(crate) fn replace_certificate(&self) -> Result<(), ServiceError> {
        let made = Certificate::generate()?;
        *self.certificate.lock().unwrap_or_else(PoisonError::into_inner) = made;
        Ok(())
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}
