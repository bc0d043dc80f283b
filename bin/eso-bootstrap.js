#!/usr/bin/env node
// Plain JavaScript that any Node can parse: it says which Node is needed before anything newer is loaded.
var parts = process.versions.node.split('.').map(Number)
var major = parts[0]
var minor = parts[1]
var fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24
if (!fits) {
  process.stderr.write(`eso-bootstrap needs Node 20.19, 22.13, or 24 and newer; this is Node ${process.versions.node}.\n`)
  process.exitCode = 2
} else if (!isHere()) {
  process.stderr.write('The folder that you are in does not exist any more: cd to one that does.\n')
  process.exitCode = 2
} else {
  void import('../dist/cli.js').then((cli) =>
    cli.main(process.argv.slice(2)).then((code) => {
      process.exitCode = code
    }),
  )
}

function isHere() {
  try {
    return process.cwd() !== ''
  } catch {
    return false
  }
}
