//! The program from the outside: started, asked, stopped, as a person or a script does it.

mod cameras;
mod keeping;
mod program;
mod serving;
mod usage;
