/** Does nothing, to measure the runtime itself. */
process.exitCode = 0;
