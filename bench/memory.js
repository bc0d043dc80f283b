import { writeSync } from 'node:fs'

process.on('exit', () => writeSync(2, `\npeak ${process.resourceUsage().maxRSS} kB\n`))
