//! The program from the outside: started, asked, stopped, as a person or a script does it.

mod accounts;
mod alarm;
mod audit;
mod cameras;
mod devices;
mod direct;
mod kasa;
mod keeping;
mod logs;
mod mcp;
mod mcp_peers;
mod mcp_picture;
mod netatmo;
mod notify;
mod offline;
mod onvif;
mod people;
mod program;
mod replies;
mod serving;
mod uploads;
mod usage;
mod visitor;
