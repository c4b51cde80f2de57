/**
 * Lists environment variables that steer how a program starts: which libraries, code or options it loads before its own first
 * line. Whoever sets one of them decides which code runs.
 */

/**
 * The prefixes are of the dynamic loader and the C library, functions of bash, profilers of .NET and the JVM, and the runtime
 * bun.
 */
const PREFIXES = ['BASH_FUNC_', 'BUN_', 'CORECLR_', 'COR_', 'DYLD_', 'GLIBC_', 'JDK_JAVA_', 'LD_', 'MALLOC_'];

const NAMES = new Set(
  [
    'GCONV_PATH LOCPATH NLSPATH',
    'BASHOPTS BASH_ENV CDPATH ENV FPATH IFS PATH PROMPT_COMMAND PS4 SHELL SHELLOPTS ZDOTDIR',
    'NODE_EXTRA_CA_CERTS NODE_OPTIONS NODE_PATH NODE_REPL_EXTERNAL_MODULE NODE_TLS_REJECT_UNAUTHORIZED',
    'PYTHONBREAKPOINT PYTHONEXECUTABLE PYTHONHOME PYTHONINSPECT PYTHONPATH PYTHONPLATLIBDIR PYTHONSTARTUP PYTHONUSERBASE',
    'PYTHONWARNINGS PERL5DB PERL5LIB PERL5OPT PERLLIB RUBYLIB RUBYOPT RUBYSHELL BUNDLE_GEMFILE GEM_HOME GEM_PATH',
    'CLASSPATH JAVA_OPTIONS JAVA_OPTS JAVA_TOOL_OPTIONS _JAVA_OPTIONS CATALINA_OPTS MAVEN_OPTS',
    'DOTNET_ADDITIONAL_DEPS DOTNET_SHARED_STORE DOTNET_STARTUP_HOOKS ASPNETCORE_HOSTINGSTARTUPASSEMBLIES',
    'PHPRC PHP_INI_SCAN_DIR LUA_CPATH LUA_INIT LUA_PATH ERL_AFLAGS ERL_FLAGS ERL_LIBS ERL_ZFLAGS',
    'GIT_EXEC_PATH GIT_SSH_COMMAND OPENSSL_CONF OPENSSL_ENGINES OPENSSL_MODULES SSL_CERT_DIR SSL_CERT_FILE',
  ].flatMap((line) => line.split(' ')),
);

/** Returns whether a variable of this name steers how programs start. */
export function isLoaderVariable(name: string): boolean {
  return NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix));
}
