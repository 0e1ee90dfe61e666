"""The prelude, written in the language itself: `use std`."""
