//! Lines of bounded length from a service.

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::DeliveryError;

/// RFC 5321 (4.5.3.1.5) allows 512 bytes; some servers greet with more.
const LINE_BYTES_MAX: usize = 2_048;

/// Reads up to and without the end of a line.
pub(crate) async fn read_line(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<Vec<u8>, DeliveryError> {
    let mut line = Vec::new();
    loop {
        let closed = |_| DeliveryError::try_again("The connection ended before the answer did.");
        // Byte by byte: what follows a line may belong to another layer (STARTTLS).
        let byte = stream.read_u8().await.map_err(closed)?;
        match byte {
            b'\n' => {
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(line);
            }
            _ if line.len() >= LINE_BYTES_MAX => {
                return Err(DeliveryError::try_again("The service's answer is not understood."));
            }
            byte => line.push(byte),
        }
    }
}
