//! Which addresses are one device; twins of one conversation; fallbacks.
