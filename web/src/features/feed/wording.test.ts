import { describe, expect, it } from 'vitest'
import { event, kinds, row, subject } from './fixtures'
import { sentence } from './FeedRow'
import { describe as wordsOf, firstLine, stepsOf } from './wording'

const line = (main: Parameters<typeof event>[0], own?: string) => wordsOf(row(main), kinds, own)
const says = (main: Parameters<typeof event>[0], own?: string) => sentence(line(main, own))

describe('a deploy', () => {
  const deploy = { kind: 'deploy', version: 'v2', previous: 'v1', detail: 'Retry once', label: { commits: '3', additions: '142', deletions: '37' } }
  it.each([
    ['succeeded', 'checkout-api deployed from v1 to v2', 'plain'],
    ['started', 'checkout-api rolling out from v1 to v2', 'running'],
    ['failed', 'checkout-api deploy failed from v1 to v2', 'warn'],
    ['cancelled', 'checkout-api deploy cancelled from v1 to v2', 'plain'],
    ['planned', 'checkout-api deploy planned from v1 to v2', 'plain'],
  ])('that %s reads "%s"', (phase, words, tone) => {
    expect(says({ ...deploy, phase })).toBe(words)
    expect(line({ ...deploy, phase }).tone).toBe(tone)
  })
  it('quotes its message and says its size', () => {
    expect(line(deploy)).toMatchObject({ said: { text: 'Retry once', quoted: true }, facts: ['3 commits'], added: 142, removed: 37 })
  })
  it('leaves out the name on the page of the service itself', () => {
    expect(says(deploy, 'service:checkout-api')).toBe('Deployed from v1 to v2')
  })
  it('without a version is what its sender called it', () => {
    expect(says({ kind: 'deploy', title: 'Friday release' })).toBe('checkout-api Friday release')
  })
  it('without an earlier version names only the new one', () => {
    expect(says({ kind: 'deploy', version: 'v1' })).toBe('checkout-api deployed to v1')
  })
})

describe('other kinds', () => {
  it('what was folded by its source says how often it happened', () => {
    expect(line({ kind: 'scaling', diff: [{ field: 'replicas', old: '2', new: '5' }], label: { times: '4' } }).facts).toEqual(['4 times'])
    expect(line({ kind: 'traffic', title: 'Shifted traffic, 4 times', label: { times: '4' } }).facts).toEqual([])
  })
  it('a rollback warns', () => {
    const main = { kind: 'rollback', version: 'v3.2.8', previous: 'v3.3.0' }
    expect(says(main)).toBe('checkout-api rolled back from v3.3.0 to v3.2.8')
    expect(line(main).tone).toBe('warn')
  })
  it('a flag shows its share', () => {
    const main = { kind: 'flag', diff: [{ field: 'ledger-write-through', old: '10 %', new: '50 %' }], exposure: 50 }
    expect(says(main)).toBe('checkout-api ledger-write-through from 10 % to 50 %')
    expect(line(main).shape).toEqual({ type: 'meter', from: 10, to: 50 })
  })
  it('a flag that is switched has no share', () => {
    expect(line({ kind: 'flag', diff: [{ field: 'x', old: 'off', new: 'on' }] }).shape).toBeNull()
  })
  it('scaling counts pods', () => {
    const main = { kind: 'scaling', diff: [{ field: 'replicas', old: '10', new: '3' }] }
    expect(says(main)).toBe('checkout-api scaled from 10 to 3 pods')
    expect(line(main).shape).toEqual({ type: 'pods', from: 10, to: 3 })
  })
  it('configuration shows what changed, and how much more did', () => {
    const diff = [
      { field: 'FRAUD_TIMEOUT_MS', old: '800', new: '1500' },
      { field: 'B', old: '', new: '1' },
    ]
    expect(line({ kind: 'config', diff }).shape).toEqual({ type: 'changed', field: 'FRAUD_TIMEOUT_MS', old: '800', now: '1500', more: 1 })
  })
  it('a secret never shows a value, nor its fingerprint', () => {
    const words = line({ kind: 'secret', diff: [{ field: 'SMTP_PASSWORD', old: 'fingerprint:aa11', new: 'fingerprint:bb22' }] })
    expect(sentence(words)).toBe('checkout-api secret SMTP_PASSWORD rotated')
    expect(words.facts).toEqual(['value hidden'])
    expect(JSON.stringify(words)).not.toContain('fingerprint')
  })
  it('a merge that was not built says so; one in a story does not', () => {
    const main = { kind: 'merge', title: 'Merged #2291: Drop the legacy cart endpoint' }
    expect(says(main)).toBe('checkout-api merged #2291, not built yet')
    expect(line(main).said).toEqual({ text: 'Drop the legacy cart endpoint', quoted: true })
    expect(sentence(wordsOf(row(main, { shape: 'story', count: 2 }), kinds))).toBe('checkout-api merged #2291')
  })
  it('a migration keeps its title beside the version', () => {
    const main = { kind: 'schema', title: 'Add an index to sessions', version: 'V121', previous: 'V120' }
    expect(says(main)).toBe('checkout-api migrated from V120 to V121')
    expect(line(main).said?.text).toBe('Add an index to sessions')
  })
  it('infrastructure warns only where something was destroyed', () => {
    const plan = (destroyed: string) => line({ kind: 'infrastructure', title: 'Terraform applied', label: { added: '3', changed: '2', destroyed } })
    expect(plan('1')).toMatchObject({ tone: 'warn', shape: { type: 'plan', added: 3, changed: 2, destroyed: 1 } })
    expect(plan('0').tone).toBe('plain')
  })
  it('a kind that the page does not know falls back to its title', () => {
    const words = line({ kind: 'weather', title: 'checkout-api: it rained' })
    expect(sentence(words)).toBe('checkout-api it rained')
    expect(words.icon).toBeUndefined()
  })
  it('says the name once, wherever the title has it', () => {
    const exposed = { kind: 'traffic', title: 'Exposed checkout-api at shop.example.com' }
    expect(says(exposed)).toBe('checkout-api exposed at shop.example.com')
    expect(says(exposed, 'service:checkout-api')).toBe('Exposed at shop.example.com')
    expect(says({ kind: 'note', title: 'Backup of checkout-api began' })).toBe('checkout-api Backup of checkout-api began')
  })
  it('an edit of the roll names what was edited, and the entity once', () => {
    const edit = (title: string, own?: string) => says({ kind: 'catalog', title }, own)
    expect(edit('service:checkout-api joined the roll')).toBe('checkout-api joined the roll')
    expect(edit('service:checkout-api: tier, owner')).toBe('checkout-api edited: tier, owner')
    expect(edit('service:checkout-api: tier', 'service:checkout-api')).toBe('Edited: tier')
    expect(edit('service:checkout-api2 joined the roll')).toBe('checkout-api service:checkout-api2 joined the roll')
  })
  it('a kind that only the server knows takes its verb from the table', () => {
    const more = new Map([...kinds, ['firmware', { icon: 'cpu', verb: 'flashed', title: 'Firmware' }]])
    expect(sentence(wordsOf(row({ kind: 'firmware', version: '7', previous: '6' }), more))).toBe('checkout-api flashed from 6 to 7')
  })
})

describe('signals', () => {
  const alert = { kind: 'alert', class: 'signal', title: 'p99 latency above 2 s', phase: 'started', endedAt: null }
  it('are critical when they paged, else a warning', () => {
    expect(line({ ...alert, label: { paged: 'Priya Raman' } })).toMatchObject({ tone: 'crit', facts: ['paged Priya Raman'] })
    expect(line({ ...alert, label: { severity: 'critical' } }).tone).toBe('crit')
    expect(line(alert).tone).toBe('warn')
  })
  it('lose their colour when they are over', () => {
    const over = line({ ...alert, phase: 'succeeded', endedAt: '2026-06-11T01:41:00Z', label: { paged: 'Priya Raman' } })
    expect(over.tone).toBe('plain')
    expect(over.parts.at(-1)).toMatchObject({ type: 'badge', text: 'resolved' })
  })
  it('keep their title as it was written, also without the name in front', () => {
    expect(says(alert, 'service:checkout-api')).toBe('p99 latency above 2 s')
  })
})

describe('phases in words', () => {
  it('says failed where the words do not', () => {
    expect(line({ kind: 'note', title: 'Backup', phase: 'failed' }).parts.at(-1)).toEqual({ type: 'badge', text: 'failed', tone: 'warn' })
    expect(line({ kind: 'note', title: 'Backup failed', phase: 'failed' }).parts).toHaveLength(1)
  })
  it('marks dark changes and unclaimed names', () => {
    const { parts } = wordsOf(row({ cluster: 'prod', subjects: [{ ...subject('x'), kind: null, claimed: false }] }, { dark: true }), kinds)
    expect(parts).toContainEqual({ type: 'dark', cluster: 'prod' })
    expect(parts.filter((p) => p.type === 'badge').map((b) => b.text)).toEqual(['unclaimed'])
    expect(line({ dark: true, cluster: 'prod' }).parts.some((p) => p.type === 'dark')).toBe(false) // a told event of its story lights it
  })
})

describe('lateness', () => {
  const startedAt = '2026-06-11T00:00:00Z'
  it.each([
    ['2026-06-11T00:00:59Z', null, null],
    ['2026-06-11T00:04:00Z', null, 240_000],
    ['2026-06-11T00:10:05Z', '2026-06-11T00:10:00Z', null],
    ['2026-06-10T23:50:00Z', null, -600_000],
  ])('received %s, ended %s: %s', (receivedAt, endedAt, want) => {
    expect(line({ startedAt, receivedAt, endedAt }).late).toBe(want)
  })
})

describe('storms', () => {
  const scaled = (name: string, from: string, to: string) => event({ kind: 'scaling', subjects: [subject(name)], diff: [{ field: 'replicas', old: from, new: to }] })
  const storm = (events: ReturnType<typeof event>[], count: number) => {
    const [first, ...rest] = events
    const subjects = [...new Map(events.flatMap((e) => e.subjects).map((s) => [s.ref, s])).values()]
    return wordsOf({ ...row(), shape: 'storm', event: first!, events: rest, count, subjects, subjectCount: subjects.length }, kinds)
  }
  it('name how many, and up to three of them', () => {
    const words = storm([scaled('a', '5', '3'), scaled('b', '4', '2'), scaled('c', '9', '8')], 3)
    expect(sentence(words)).toBe('3 services scaled down')
    expect(words.shape).toEqual({ type: 'subjects', names: ['a', 'b', 'c'], more: 0 })
  })
  it('name two and a number beyond three', () => {
    const words = storm([scaled('a', '5', '3'), scaled('b', '4', '2'), scaled('c', '9', '8'), scaled('d', '2', '1')], 44)
    expect(words.shape).toEqual({ type: 'subjects', names: ['a', 'b'], more: 2 })
    expect(words.facts).toEqual(['44 events'])
  })
  it('do not claim a direction that they do not have', () => {
    expect(sentence(storm([scaled('a', '5', '3'), scaled('b', '2', '4')], 2))).toBe('2 services scaled')
  })
  it('of one service count its events', () => {
    expect(sentence(storm([scaled('a', '5', '3'), scaled('a', '3', '4'), scaled('a', '4', '5')], 3))).toBe('a scaled 3 times')
  })
})

describe('the steps of a story', () => {
  const step = (over: Parameters<typeof event>[0]) => event(over)
  const story = {
    ...row({ kind: 'deploy', version: 'v2', exposure: 100, startedAt: '2026-06-11T00:41:00Z' }),
    shape: 'story',
    events: [
      step({ kind: 'merge', title: 'Merged #4812', environment: '', startedAt: '2026-06-10T23:58:00Z' }),
      step({ kind: 'build', environment: '', startedAt: '2026-06-11T00:09:00Z' }),
      step({ kind: 'deploy', exposure: 10, startedAt: '2026-06-11T00:29:00Z' }),
    ],
  }
  it('read from the merge to what is live', () => {
    expect(stepsOf(story).map((s) => [s.label, s.state])).toEqual([
      ['Merged #4812', 'done'],
      ['Built', 'done'],
      ['Canary 10 %', 'done'],
      ['Live 100 %', 'live'],
    ])
  })
  it('are in the order of time, whatever the order they came in', () => {
    expect(stepsOf({ ...story, events: story.events.toReversed() }).map((s) => s.label)[0]).toBe('Merged #4812')
  })
  it('show a failure, and the environment where it is another', () => {
    const failed = { ...story, events: [step({ kind: 'build', phase: 'failed', environment: '' }), step({ kind: 'deploy', environment: 'staging', exposure: null })] }
    expect(stepsOf(failed).map((s) => [s.label, s.state])).toContainEqual(['Build failed', 'failed'])
    expect(stepsOf(failed).map((s) => s.label)).toContain('Live in staging')
  })
})

describe('firstLine', () => {
  it.each([
    ['# Title\n\nmore', 'Title'],
    ['\n- `a.go`\n- `b.go`', 'a.go'],
    ['See [the plan](https://example.test/1) **now**', 'See the plan now'],
    ['', ''],
  ])('%j is %j', (markdown, want) => {
    expect(firstLine(markdown)).toBe(want)
  })
})
