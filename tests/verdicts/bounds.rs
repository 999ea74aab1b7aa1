//! Every bound holds, is counted, and spares the required hosts.
