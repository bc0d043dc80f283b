import { readFileSync, writeSync } from 'node:fs'

// Not resourceUsage().maxRSS: that begins with what the parent had when it forked. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
process.on('exit', () => writeSync(2, `\npeak ${/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]} kB\n`))
