mod asking;
mod unusual;
mod words;
