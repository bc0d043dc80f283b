import { Failure } from '../../failure.ts'
import { type FilesCheck, findingOf } from '../check.ts'

/** What `readFolder` refuses is found here; what can't be read at all is not looked at. */
export const folderReadable: FilesCheck = {
  id: 'folder-readable',
  category: 'files',
  title: 'the External Secrets folder can be read, and each of its entries leads somewhere',
  severity: 'error',
  needs: [],
  page: {
    symptom: 'Flux says BuildFailed, or eso-bootstrap init refuses the folder.',
    cause: 'An entry of a kustomization leads nowhere, stands in the wrong list, or a file is no valid YAML.',
    fix: 'Mend the file that is named; kustomize build shows the same error.',
    sources: ['https://fluxcd.io/flux/components/kustomize/kustomizations/#troubleshooting'],
  },
  looksAt: 'files',
  async look({ places }) {
    try {
      await places.folder()
      return []
    } catch (error) {
      if (!(error instanceof Failure) || error.exit !== 'blocked') throw error
      return [findingOf('the External Secrets folder', error)]
    }
  },
}
