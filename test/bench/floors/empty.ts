/** What the runtime takes for itself. */
process.exitCode = 0;
