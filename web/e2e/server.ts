import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const EXAMPLE = fileURLToPath(new URL('../../examples/northwind', import.meta.url))

/** What the tests need of this machine, by name. */
export function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run these tests with make e2e.`)
  return value
}

/** The real binary, on a free port, with a store of its own. */
export class Server {
  url = ''
  private child: ChildProcess | undefined
  private data = ''
  private said = ''

  /** Starts, or starts again where it was, on the same port and the same store. */
  async start({ example = false, login = false, config = '' } = {}) {
    this.data ||= await mkdtemp(join(tmpdir(), 'tidings-e2e-'))
    const listen = this.url ? new URL(this.url).host : '127.0.0.1:0'
    const flags = ['serve', ...(login ? [] : ['--no-login']), '--listen', listen, '--data', this.data, '--organisation', 'Northwind']
    if (example) flags.push('--example', EXAMPLE)
    if (config) {
      const file = join(this.data, 'tidings.yaml')
      await writeFile(file, config)
      flags.push('--config', file)
    }
    this.said = ''
    // The directory holds nothing that the server would read by itself.
    const child = spawn(required('TIDINGS_BIN'), flags, { cwd: this.data, env: { ...process.env, OIDC_SECRET: 'not-a-secret' }, stdio: ['ignore', 'pipe', 'pipe'] })
    this.child = child
    this.url = await new Promise<string>((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        this.said += chunk.toString()
        const found = /answers at (http:\/\/[^\s/]+)/.exec(this.said)
        if (found) resolve(found[1]!)
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.on('error', reject)
      child.on('exit', (code) => reject(new Error(`The server ended with ${code}:\n${this.said}`)))
    })
  }

  /** The one-time link of the first administrator, once the console shows it. */
  async firstLink(): Promise<string> {
    for (;;) {
      const found = /https?:\/\/\S+\/login\/link#\S+/.exec(this.said)
      if (found) return found[0]
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async stop() {
    const { child } = this
    this.child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }

  async remove() {
    await this.stop()
    if (this.data) await rm(this.data, { recursive: true, force: true })
  }

  /** Tells of a change, as a pipeline would. */
  async post(event: Record<string, unknown>) {
    const response = await fetch(`${this.url}/api/v1/events`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(event),
    })
    if (!response.ok) throw new Error(`The event was answered with ${response.status}: ${await response.text()}`)
  }

  async ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    })
    const answer = (await response.json()) as { data: T; errors?: { message: string }[] }
    if (answer.errors) throw new Error(answer.errors[0]!.message)
    return answer.data
  }
}
